//! `app!`: a manifest, baked in.

use std::path::PathBuf;

use edgezero_manifest::StoreIds;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};

/// `"../../edgezero.toml", router` or `"../../edgezero.toml", router, state`
struct Input {
    manifest: LitStr,
    router: syn::Path,
    state: Option<syn::Path>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let manifest: LitStr = input.parse()?;
        input.parse::<Token![,]>().map_err(|_| {
            let message = "name the function that gives the router: app!(\"…\", router)";
            syn::Error::new(manifest.span(), message)
        })?;
        let router = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        let state = (!input.is_empty()).then(|| input.parse()).transpose()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(Self {
            manifest,
            router,
            state,
        })
    }
}

/// A file that was read: where it really is, and its text.
pub(crate) type Read = (PathBuf, String);

pub(crate) fn expand(
    input: TokenStream,
    read: impl FnOnce(&str) -> Result<Read, String>,
) -> syn::Result<TokenStream> {
    let Input {
        manifest,
        router,
        state,
    } = syn::parse2(input)?;
    let with_state = state.map(|state| quote!(.with_state(#state())));
    let fail = |message: String| syn::Error::new(manifest.span(), message);
    let (path, text) = read(&manifest.value()).map_err(fail)?;
    let shown = path.display();
    let parsed = edgezero_manifest::parse(&text).map_err(|e| fail(format!("{shown}: {e}")))?;
    let Some(tracked) = path.to_str() else {
        return Err(fail(format!("the path {shown} is not UTF-8")));
    };
    let name = parsed.name;
    let kv = ids(parsed.stores.kv);
    let config = ids(parsed.stores.config);
    let secrets = ids(parsed.stores.secrets);
    Ok(quote! {
        /// The app that edgezero.toml declares.
        #[derive(Clone, Copy, Debug)]
        pub struct App;

        impl ::edgezero_store_traits::App for App {
            const METADATA: ::edgezero_store_traits::app::Metadata =
                ::edgezero_store_traits::app::Metadata {
                    name: #name,
                    kv: #kv,
                    config: #config,
                    secrets: #secrets,
                };

            fn router() -> ::edgezero_store_traits::app::axum::Router {
                #router()#with_state
            }
        }

        // The compiler's only way to know that the app depends on this file.
        const _: &[u8] = ::core::include_bytes!(#tracked);
    })
}

fn ids(ids: Option<StoreIds>) -> TokenStream {
    let Some(StoreIds {
        ids,
        default,
        label,
        max_list_keys,
        ..
    }) = ids
    else {
        return quote!(::core::option::Option::None);
    };
    let label = label.iter().map(|(id, label)| quote!((#id, #label)));
    let max_list_keys = max_list_keys.iter().map(|(id, keys)| quote!((#id, #keys)));
    quote! {
        ::core::option::Option::Some(::edgezero_store_traits::app::StoreIds {
            ids: &[#(#ids),*],
            default: #default,
            label: &[#(#label),*],
            max_list_keys: &[#(#max_list_keys),*],
        })
    }
}

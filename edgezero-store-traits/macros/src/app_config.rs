//! `derive(AppConfig)`: a struct, read field by field.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Data, DeriveInput, Fields, Ident};

use super::attributes;
use super::member::{Names, members};
use super::serde_attributes::{Container, Default};

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let Data::Struct(data) = &input.data else {
        return Err(only_structs(&input));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(only_structs(&input));
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &input.generics,
            "AppConfig is for structs without generic parameters",
        ));
    }
    let container = Container::of(&input.attrs)?;
    let store = attributes::store(&input.attrs)?;
    let members = members(&fields.named, &container)?;

    let internal = |name: &str| Ident::new(name, Span::mixed_site());
    let names = Names {
        outer: internal("outer"),
        key: internal("key"),
        fields: internal("fields"),
        values: internal("values"),
        whole: internal("whole"),
    };
    let Names {
        outer,
        fields,
        values,
        whole,
        ..
    } = &names;
    let mut describe = Vec::new();
    let mut read = Vec::new();
    let mut set = Vec::new();
    let mut secrets = Vec::new();
    let mut asserts = Vec::new();
    let mut rules = Vec::new();
    for (n, member) in members.iter().enumerate() {
        let local = internal(&format!("field_{n}"));
        let ident = member.ident;
        set.push(quote!(#ident: #local?));
        if member.serde.skip {
            let value = member.default(&container, &names);
            let value = value.unwrap_or_else(|| Default::Trait.into_token_stream());
            read.push(quote!(let #local = ::core::option::Option::Some(#value);));
            continue;
        }
        describe.push(member.describe(&members, &container, &names)?);
        let value = member.read(&container, &names);
        read.push(quote!(let #local = #value;));
        secrets.push(member.has_secrets());
        asserts.extend(member.assert_no_secrets());
        rules.push(member.rule());
    }
    let closed = container.deny_unknown_fields;
    let whole = container.default.is_some().then(|| {
        let value = container.default.as_ref();
        quote!(let #whole: Self = #value;)
    });
    let assert_rules = has_rules(&input).then(|| {
        let span = input.ident.span();
        quote_spanned!(span=> ::edgezero_store_traits::app_config::derive::assert_rules::<Self>();)
    });
    let store = store.map(|store| {
        quote! {
            const STORE: ::core::option::Option<&'static str> =
                ::core::option::Option::Some(#store);
        }
    });
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        #[allow(unused_imports, unused_variables, clippy::all)]
        impl ::edgezero_store_traits::app_config::ConfigValue for #name {
            const SECRETS: bool = {
                use ::edgezero_store_traits::app_config::derive::Opaque as _;
                false #(|| #secrets)*
            };

            fn describe(
                #outer: &str,
                #fields: &mut ::edgezero_store_traits::app_config::Fields,
            ) {
                use ::edgezero_store_traits::app_config::derive::BySerde as _;
                #fields.structure(#outer, #closed);
                #(#describe)*
            }

            fn read(
                #outer: &str,
                #values: &mut ::edgezero_store_traits::app_config::Values,
            ) -> ::core::option::Option<Self> {
                use ::edgezero_store_traits::app_config::derive::{
                    BySerde as _, NoRules as _, Opaque as _,
                };
                #whole
                #(#read)*
                let value = Self { #(#set),* };
                #assert_rules
                ::edgezero_store_traits::app_config::derive::ByRules::<Self>::check(
                    &value,
                    #outer,
                    &[#(#rules),*],
                    #values,
                );
                ::core::option::Option::Some(value)
            }
        }

        #[automatically_derived]
        impl ::edgezero_store_traits::AppConfig for #name {
            #store
        }

        #(#asserts)*
    })
}

fn only_structs(input: &DeriveInput) -> syn::Error {
    syn::Error::new_spanned(
        &input.ident,
        "AppConfig is for structs with named fields: a field's name is its key. Serde reads a \
         type that derives Deserialize as one key, without AppConfig",
    )
}

/// Whether the struct has rules of the crate `validator`.
fn has_rules(input: &DeriveInput) -> bool {
    let Data::Struct(data) = &input.data else {
        return false;
    };
    let of_fields = data.fields.iter().flat_map(|field| &field.attrs);
    let mut all = input.attrs.iter().chain(of_fields);
    all.any(|attribute| attribute.path().is_ident("validate"))
}

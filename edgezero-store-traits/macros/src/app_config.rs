//! `derive(AppConfig)`: a struct, read field by field.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, GenericArgument, Ident, PathArguments, Type,
};

/// How a field is read.
enum Kind {
    Value,
    Json,
    Secret,
    OptionalSecret,
}

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
    // Names that no field can have, nor hide.
    let internal = |name: &str| Ident::new(name, Span::mixed_site());
    let (outer, key) = (internal("outer"), internal("key"));
    let (described, values) = (internal("described"), internal("values"));
    let mut describe = Vec::new();
    let mut read = Vec::new();
    let mut members = Vec::new();
    for (n, field) in fields.named.iter().enumerate() {
        let Some(member) = &field.ident else { continue };
        let local = internal(&format!("field_{n}"));
        let name = member.unraw().to_string();
        let ty = &field.ty;
        let value = quote!(<#ty as ::edgezero_store_traits::app_config::ConfigValue>);
        let (says, finds) = match kind(field)? {
            Kind::Value => (
                quote!(#value::describe(&#key, #described)),
                quote!(#value::read(&#key, #values)),
            ),
            Kind::Json => (
                quote!(#described.value(&#key)),
                quote!(#values.json::<#ty>(&#key)),
            ),
            Kind::Secret => (
                quote!(#described.secret(&#key)),
                quote!(#values.secret(&#key)),
            ),
            Kind::OptionalSecret => (
                quote!(#described.optional_secret(&#key)),
                quote!(#values.optional_secret(&#key)),
            ),
        };
        let join = quote!(let #key = ::edgezero_store_traits::app_config::join(#outer, #name););
        describe.push(quote!({ #join #says; }));
        read.push(quote!(let #local = { #join #finds };));
        members.push(quote!(#member: #local?));
    }
    let name = &input.ident;
    Ok(quote! {
        #[automatically_derived]
        impl ::edgezero_store_traits::app_config::ConfigValue for #name {
            fn describe(
                #outer: &str,
                #described: &mut ::edgezero_store_traits::app_config::Fields,
            ) {
                #(#describe)*
            }

            fn read(
                #outer: &str,
                #values: &mut ::edgezero_store_traits::app_config::Values,
            ) -> ::core::option::Option<Self> {
                #(#read)*
                ::core::option::Option::Some(Self { #(#members),* })
            }
        }

        #[automatically_derived]
        impl ::edgezero_store_traits::AppConfig for #name {}
    })
}

fn only_structs(input: &DeriveInput) -> syn::Error {
    syn::Error::new_spanned(
        &input.ident,
        "AppConfig is for structs with named fields: a field's name is its key",
    )
}

fn kind(field: &Field) -> syn::Result<Kind> {
    let secret = find(field, "secret");
    let config = find(field, "config");
    if let (Some(_), Some(config)) = (secret, config) {
        let message = "a field is a #[secret] or has a #[config], not both";
        return Err(syn::Error::new_spanned(config, message));
    }
    if let Some(secret) = secret {
        secret.meta.require_path_only()?;
        return if is_named(&field.ty, "String") {
            Ok(Kind::Secret)
        } else if option_of(&field.ty).is_some_and(|inner| is_named(inner, "String")) {
            Ok(Kind::OptionalSecret)
        } else {
            Err(syn::Error::new_spanned(
                &field.ty,
                "#[secret] is for a String or an Option<String>",
            ))
        };
    }
    let Some(config) = config else {
        return Ok(Kind::Value);
    };
    let mut json = false;
    config.parse_nested_meta(|meta| {
        if meta.path.is_ident("json") {
            json = true;
            Ok(())
        } else {
            Err(meta.error("unknown: #[config] knows `json` only"))
        }
    })?;
    if json {
        Ok(Kind::Json)
    } else {
        Err(syn::Error::new_spanned(config, "write #[config(json)]"))
    }
}

fn find<'a>(field: &'a Field, name: &str) -> Option<&'a Attribute> {
    field.attrs.iter().find(|attr| attr.path().is_ident(name))
}

fn last(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

fn is_named(ty: &Type, name: &str) -> bool {
    last(ty).is_some_and(|segment| segment.ident == name)
}

fn option_of(ty: &Type) -> Option<&Type> {
    let segment = last(ty).filter(|segment| segment.ident == "Option")?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(inner) => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

//! A field of a struct that derives `AppConfig`: how it is described and read.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Field, Ident, Type};

use super::attributes::{self, Kind};
use super::serde_attributes::{Container, OfField};
use super::types::named_in;

/// Names in derived code, which no field can have, nor hide.
pub(crate) struct Names {
    pub(crate) outer: Ident,
    pub(crate) key: Ident,
    pub(crate) fields: Ident,
    pub(crate) values: Ident,
    pub(crate) whole: Ident,
}

/// A field as derived code has it.
pub(crate) struct Member<'a> {
    pub(crate) ident: &'a Ident,
    ty: &'a Type,
    kind: Kind,
    pub(crate) serde: OfField,
    /// The key and its aliases, inside of the struct.
    names: Vec<String>,
}

/// The fields of a struct.
pub(crate) fn members<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    container: &Container,
) -> syn::Result<Vec<Member<'a>>> {
    let mut known = HashSet::new();
    let mut members = Vec::new();
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let serde = OfField::of(&field.attrs)?;
        let kind = attributes::kind(field)?;
        let name = ident.unraw().to_string();
        let name = match (&serde.rename, container.rename_all) {
            (Some(rename), _) => rename.value(),
            (None, Some(rule)) => rule.apply(&name),
            (None, None) => name,
        };
        let aliases = serde.aliases.iter().map(syn::LitStr::value);
        let mut names: Vec<String> = std::iter::once(name).chain(aliases).collect();
        if serde.flatten {
            names.clear();
        }
        let member = Member {
            ident,
            ty: &field.ty,
            kind,
            serde,
            names,
        };
        member.check()?;
        if !member.serde.skip {
            for name in &member.names {
                if name.is_empty() {
                    return Err(syn::Error::new_spanned(ident, "a key cannot be empty"));
                }
                if !known.insert(name.clone()) {
                    let message = format!("another field is read from the key {name:?}, too");
                    return Err(syn::Error::new_spanned(ident, message));
                }
            }
        }
        members.push(member);
    }
    Ok(members)
}

impl Member<'_> {
    /// Refuses attributes that contradict each other.
    fn check(&self) -> syn::Result<()> {
        let fail = |message: &str| Err(syn::Error::new_spanned(self.ident, message));
        let is_value = matches!(self.kind, Kind::Value);
        if self.serde.flatten && !matches!(self.kind, Kind::Value | Kind::Nested) {
            return fail("a flattened field is a struct that derives AppConfig");
        }
        if self.serde.with.is_some() && !is_value {
            return fail("a field that a function of yours reads has no other way to be read");
        }
        if self.serde.skip && !is_value {
            return fail("a skipped field is not read: leave its attribute away");
        }
        Ok(())
    }

    /// `Type::<T>::function`, of the type that describes and reads the field.
    fn reader(&self, function: &str) -> TokenStream {
        let ty = self.ty;
        // So that a type that cannot be read is an error at the type.
        let span = ty.span();
        let function = Ident::new(function, span);
        let app_config = quote_spanned!(span=> ::edgezero_store_traits::app_config);
        let reader = match &self.kind {
            _ if self.serde.flatten => quote_spanned!(span=> #app_config::derive::Flat::<#ty>),
            Kind::Value => quote_spanned!(span=> #app_config::derive::Field::<#ty>),
            Kind::Nested => quote_spanned!(span=> <#ty as #app_config::ConfigValue>),
            Kind::Json => quote_spanned!(span=> #app_config::derive::Json::<#ty>),
            Kind::Secret | Kind::SecretIn(_) => {
                quote_spanned!(span=> #app_config::derive::Secret::<#ty>)
            }
            Kind::StoreId => quote_spanned!(span=> #app_config::derive::StoreId::<#ty>),
        };
        quote_spanned!(span=> #reader::#function)
    }

    pub(crate) fn describe(
        &self,
        all: &[Member<'_>],
        container: &Container,
        names: &Names,
    ) -> syn::Result<TokenStream> {
        let Names { outer, fields, .. } = names;
        let describe = self.describe_under_key(all, names)?;
        if self.serde.flatten {
            let describe = self.reader("describe");
            return Ok(quote!(#describe(#outer, #fields);));
        }
        let own = &self.names;
        let optional = self.serde.default.is_some() || container.default.is_some();
        Ok(quote!(#fields.field(#outer, &[#(#own),*], #optional, &#describe);))
    }

    /// A closure that describes the field under a key.
    fn describe_under_key(&self, all: &[Member<'_>], names: &Names) -> syn::Result<TokenStream> {
        let Names {
            outer, key, fields, ..
        } = names;
        let reader = self.reader("describe");
        let body = match &self.kind {
            _ if self.serde.with.is_some() => quote! {
                #fields.value(
                    #key,
                    ::edgezero_store_traits::app_config::ValueKind::Any,
                    false,
                )
            },
            Kind::Secret => {
                quote!(#reader(#key, ::core::option::Option::None, #fields))
            }
            Kind::SecretIn(store) => {
                let store = store_key(store, all)?;
                quote! {
                    #reader(
                        #key,
                        ::core::option::Option::Some(
                            ::edgezero_store_traits::app_config::join(#outer, #store),
                        ),
                        #fields,
                    )
                }
            }
            _ => quote!(#reader(#key, #fields)),
        };
        Ok(quote! {
            |#key: &str, #fields: &mut ::edgezero_store_traits::app_config::Fields| #body
        })
    }

    pub(crate) fn read(&self, container: &Container, names: &Names) -> TokenStream {
        let Names {
            outer, key, values, ..
        } = names;
        let reader = self.reader("read");
        if self.serde.flatten {
            return quote!(#reader(#outer, #values));
        }
        let read = match &self.serde.with {
            Some(function) => {
                let span = function.span();
                quote_spanned!(span=> #values.parse_with(&#key, #function))
            }
            None => quote!(#reader(&#key, #values)),
        };
        let name = self.names.first();
        let read = match self.default(container, names) {
            None => read,
            Some(default) => {
                let describe = self.describe_for_default(names);
                quote! {
                    if #values.is_set(&#key, &#describe) {
                        #read
                    } else {
                        ::core::option::Option::Some(#default)
                    }
                }
            }
        };
        quote!({
            let #key = ::edgezero_store_traits::app_config::join(#outer, #name);
            #read
        })
    }

    /// As [`Member::describe_under_key`], where the store of a secret does not matter.
    fn describe_for_default(&self, names: &Names) -> TokenStream {
        let Names { key, fields, .. } = names;
        let leaf = self.serde.with.is_some()
            || matches!(self.kind, Kind::Secret | Kind::SecretIn(_) | Kind::StoreId);
        let reader = self.reader("describe");
        let body = if leaf {
            quote! {
                #fields.value(
                    #key,
                    ::edgezero_store_traits::app_config::ValueKind::Any,
                    false,
                )
            }
        } else {
            quote!(#reader(#key, #fields))
        };
        quote!(|#key: &str, #fields: &mut ::edgezero_store_traits::app_config::Fields| #body)
    }

    /// What stands for the field where it is missing.
    pub(crate) fn default(&self, container: &Container, names: &Names) -> Option<TokenStream> {
        let (ident, whole) = (self.ident, &names.whole);
        match (&self.serde.default, &container.default) {
            (Some(default), _) => Some(default.into_token_stream()),
            (None, Some(_)) => Some(quote!(#whole.#ident)),
            (None, None) => None,
        }
    }

    /// An expression: whether any part of the field is a secret.
    pub(crate) fn has_secrets(&self) -> TokenStream {
        let ty = self.ty;
        match &self.kind {
            Kind::Secret | Kind::SecretIn(_) => quote!(true),
            Kind::Value | Kind::Nested if self.serde.with.is_none() => {
                quote!(::edgezero_store_traits::app_config::derive::Field::<#ty>::SECRETS)
            }
            _ => quote!(false),
        }
    }

    /// An item that does not compile where serde would read a secret's name.
    pub(crate) fn assert_no_secrets(&self) -> Option<TokenStream> {
        let always = self.is_read_by_serde();
        if !always && !matches!(self.kind, Kind::Value) {
            return None;
        }
        let ty = self.ty;
        let field = quote!(::edgezero_store_traits::app_config::derive::Field);
        let inner = named_in(ty);
        let by_serde = match always {
            true => quote!(true),
            false => quote!(!#field::<#ty>::BY_KEY),
        };
        let message = format!(
            "`{}` has a #[secret] that serde would read as a plain text: the app would get the \
             secret's name. A struct with secrets can be in a struct that derives AppConfig, in \
             an Option, a Box, a Vec, and in a BTreeMap or a HashMap by String",
            self.ident
        );
        Some(quote_spanned! {ty.span()=>
            const _: () = {
                #[allow(unused_imports)]
                use ::edgezero_store_traits::app_config::derive::Opaque as _;
                assert!(!(#by_serde && (false #(|| #field::<#inner>::SECRETS)*)), #message);
            };
        })
    }

    /// What the rules of validator have to know of the field.
    pub(crate) fn rule(&self) -> TokenStream {
        let ty = self.ty;
        let ident = self.ident.to_string();
        let name = self.names.first().map_or("", String::as_str);
        let secret = matches!(self.kind, Kind::Secret | Kind::SecretIn(_));
        let by_key = if self.is_read_by_serde() {
            quote!(false)
        } else {
            quote!(::edgezero_store_traits::app_config::derive::Field::<#ty>::BY_KEY)
        };
        quote! {
            ::edgezero_store_traits::app_config::derive::Rule {
                field: #ident,
                key: #name,
                secret: #secret,
                by_key: #by_key,
            }
        }
    }

    /// Whether serde reads it, whatever its type is.
    fn is_read_by_serde(&self) -> bool {
        matches!(self.kind, Kind::Json) || self.serde.with.is_some()
    }
}

/// The key of the field that holds the id of a secret's store.
fn store_key<'a>(store: &syn::LitStr, all: &'a [Member<'_>]) -> syn::Result<&'a str> {
    let value = store.value();
    let found = all.iter().find(|member| member.ident.unraw() == value);
    match found {
        Some(member) if matches!(member.kind, Kind::StoreId) => {
            Ok(member.names.first().map_or("", String::as_str))
        }
        Some(_) => {
            let message = format!("mark the field `{value}` #[secret(store_ref)]");
            Err(syn::Error::new(store.span(), message))
        }
        None => {
            let message = format!("the struct has no field `{value}`");
            Err(syn::Error::new(store.span(), message))
        }
    }
}

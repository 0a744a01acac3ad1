//! What a struct says to serde, as far as it matters for reading a configuration.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprPath, LitStr, Token, token};

use super::rename::Rule;

/// What stands for a field that is missing.
pub(crate) enum Default {
    Trait,
    Path(ExprPath),
}

/// `#[serde(…)]` on a struct.
#[derive(std::default::Default)]
pub(crate) struct Container {
    pub(crate) rename_all: Option<Rule>,
    pub(crate) default: Option<Default>,
    pub(crate) deny_unknown_fields: bool,
}

/// `#[serde(…)]` on a field.
#[derive(std::default::Default)]
pub(crate) struct OfField {
    pub(crate) rename: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) default: Option<Default>,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
    /// The function that reads it.
    pub(crate) with: Option<TokenStream>,
}

impl Container {
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        each(attributes, |meta| {
            match name(meta).as_str() {
                "rename_all" => {
                    if let Some(rule) = for_reading(meta)? {
                        found.rename_all = Some(Rule::new(&rule)?);
                    }
                }
                "default" => found.default = Some(default(meta)?),
                "deny_unknown_fields" => found.deny_unknown_fields = true,
                "from" | "try_from" | "transparent" | "remote" => {
                    return Err(meta.error(
                        "AppConfig reads each field by its key, so it cannot honour this; leave \
                         AppConfig away, and serde reads the type as one key",
                    ));
                }
                // They matter for writing, or for the code that serde derives.
                "rename" | "into" | "bound" | "crate" | "expecting" | "tag" => rest(meta)?,
                _ => return Err(meta.error("AppConfig does not know this serde attribute")),
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl OfField {
    pub(crate) fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut found = Self::default();
        each(attributes, |meta| {
            match name(meta).as_str() {
                "rename" => {
                    if let Some(rename) = for_reading(meta)? {
                        found.rename = Some(rename);
                    }
                }
                "alias" => found.aliases.push(meta.value()?.parse()?),
                "default" => found.default = Some(default(meta)?),
                "skip" | "skip_deserializing" => found.skip = true,
                "flatten" => found.flatten = true,
                "with" => {
                    let module = path(meta)?;
                    found.with = Some(quote!(#module::deserialize));
                }
                "deserialize_with" => found.with = Some(path(meta)?.into_token_stream()),
                "skip_serializing"
                | "skip_serializing_if"
                | "serialize_with"
                | "getter"
                | "bound"
                | "borrow" => rest(meta)?,
                _ => return Err(meta.error("AppConfig does not know this serde attribute")),
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn each(
    attributes: &[Attribute],
    mut take: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let serde = attributes.iter().filter(|a| a.path().is_ident("serde"));
    for attribute in serde {
        attribute.parse_nested_meta(|meta| take(&meta))?;
    }
    Ok(())
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    let name = meta.path.get_ident();
    name.map(ToString::to_string).unwrap_or_default()
}

/// `= "name"`, or of `(serialize = "…", deserialize = "name")` the latter.
fn for_reading(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<LitStr>> {
    if !meta.input.peek(token::Paren) {
        return Ok(Some(meta.value()?.parse()?));
    }
    let mut found = None;
    meta.parse_nested_meta(|inner| {
        let value: LitStr = inner.value()?.parse()?;
        if inner.path.is_ident("deserialize") {
            found = Some(value);
        }
        Ok(())
    })?;
    Ok(found)
}

fn default(meta: &ParseNestedMeta<'_>) -> syn::Result<Default> {
    if meta.input.peek(Token![=]) {
        path(meta).map(Default::Path)
    } else {
        Ok(Default::Trait)
    }
}

/// `= "a::path"`
fn path(meta: &ParseNestedMeta<'_>) -> syn::Result<ExprPath> {
    let text: LitStr = meta.value()?.parse()?;
    text.parse()
}

/// Passes over a value that does not matter.
fn rest(meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(token::Paren) {
        meta.parse_nested_meta(|inner| rest(&inner))?;
    }
    Ok(())
}

impl ToTokens for Default {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Trait => quote!(::core::default::Default::default()),
            Self::Path(path) => quote!(#path()),
        });
    }
}

//! `#[secret]`, `#[config]` and `#[app_config]`.

use syn::{Attribute, Field, LitStr};

/// How a field is read.
pub(crate) enum Kind {
    /// By what its type is.
    Value,
    /// By serde.
    Json,
    /// By a type that derives `AppConfig`.
    Nested,
    Secret,
    /// A secret of the store whose id is in the field of that name.
    SecretIn(LitStr),
    /// The id of a secret store.
    StoreId,
}

/// The store that `#[app_config(store = "…")]` on a struct names.
pub(crate) fn store(attributes: &[Attribute]) -> syn::Result<Option<LitStr>> {
    let mut store = None;
    for attribute in attributes
        .iter()
        .filter(|a| a.path().is_ident("app_config"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("store") {
                return Err(meta.error("unknown: write #[app_config(store = \"…\")]"));
            }
            store = Some(meta.value()?.parse()?);
            Ok(())
        })?;
    }
    Ok(store)
}

/// How a field is read. At most one of the attributes says so.
pub(crate) fn kind(field: &Field) -> syn::Result<Kind> {
    let mut kind = Kind::Value;
    let mut first: Option<&Attribute> = None;
    for attribute in &field.attrs {
        let path = attribute.path();
        let found = if path.is_ident("secret") {
            secret(attribute)?
        } else if path.is_ident("config") {
            only(attribute, "json", Kind::Json)?
        } else if path.is_ident("app_config") {
            only(attribute, "nested", Kind::Nested)?
        } else {
            continue;
        };
        if first.is_some() {
            let message = "a field has one of #[secret], #[config] and #[app_config]";
            return Err(syn::Error::new_spanned(attribute, message));
        }
        first = Some(attribute);
        kind = found;
    }
    Ok(kind)
}

fn secret(attribute: &Attribute) -> syn::Result<Kind> {
    if matches!(attribute.meta, syn::Meta::Path(_)) {
        return Ok(Kind::Secret);
    }
    let usage = "write #[secret], #[secret(store_ref)] or #[secret(store_ref = \"field\")]";
    let mut kind = None;
    attribute.parse_nested_meta(|meta| {
        if !meta.path.is_ident("store_ref") || kind.is_some() {
            return Err(meta.error(usage));
        }
        kind = Some(if meta.input.peek(syn::Token![=]) {
            Kind::SecretIn(meta.value()?.parse()?)
        } else {
            Kind::StoreId
        });
        Ok(())
    })?;
    kind.ok_or_else(|| syn::Error::new_spanned(attribute, usage))
}

/// The kind of an attribute that knows one word.
fn only(attribute: &Attribute, word: &str, kind: Kind) -> syn::Result<Kind> {
    let mut found = false;
    let path = attribute.path().get_ident();
    let path = path.map(ToString::to_string).unwrap_or_default();
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident(word) {
            found = true;
            Ok(())
        } else {
            Err(meta.error(format_args!("unknown: write #[{path}({word})]")))
        }
    })?;
    if found {
        Ok(kind)
    } else {
        let message = format!("write #[{path}({word})]");
        Err(syn::Error::new_spanned(attribute, message))
    }
}

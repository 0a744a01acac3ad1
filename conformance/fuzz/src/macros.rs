//! What `app!` and `derive(AppConfig)` are given: they answer with items or an error.
//!
//! A crate of macros can be linked by a compiler only, so that its files are compiled
//! in here.

#[path = "../../../edgezero-store-traits/macros/src/app.rs"]
mod app;
#[path = "../../../edgezero-store-traits/macros/src/app_config.rs"]
mod app_config;
#[path = "../../../edgezero-store-traits/macros/src/attributes.rs"]
mod attributes;
#[path = "../../../edgezero-store-traits/macros/src/member.rs"]
mod member;
#[path = "../../../edgezero-store-traits/macros/src/rename.rs"]
mod rename;
#[path = "../../../edgezero-store-traits/macros/src/serde_attributes.rs"]
mod serde_attributes;
#[path = "../../../edgezero-store-traits/macros/src/types.rs"]
mod types;

use proc_macro2::TokenStream;

use crate::input;

/// Takes the tokens, and the text of the manifest that they name.
pub fn target(data: &[u8]) {
    let Some([tokens, manifest]) = input::texts(data) else {
        return;
    };
    // What is no token never comes to a macro.
    let Ok(tokens) = tokens.parse::<TokenStream>() else {
        return;
    };
    let read = |path: &str| {
        if path.is_empty() {
            Err("it is a folder".to_owned())
        } else {
            Ok((path.into(), manifest.to_owned()))
        }
    };
    answers(app::expand(tokens.clone(), read));
    answers(app_config::expand(tokens));
}

fn answers(expanded: syn::Result<TokenStream>) {
    let tokens = expanded.unwrap_or_else(syn::Error::into_compile_error);
    let items = syn::parse2::<syn::File>(tokens.clone());
    let items = items.unwrap_or_else(|error| panic!("no items: {error}\n{tokens}"));
    assert!(!items.items.is_empty(), "nothing came of it");
}

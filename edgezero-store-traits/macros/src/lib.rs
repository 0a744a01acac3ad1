//! The macros of `edgezero-store-traits`, which re-exports and documents them.

#![forbid(unsafe_code)]

mod app;
mod app_config;
mod attributes;
mod member;
mod read;
mod rename;
mod serde_attributes;
mod types;

use proc_macro::TokenStream;

/// Makes `pub struct App` of an `edgezero.toml` and a function that gives the
/// router: see `edgezero_store_traits::App`.
///
/// A third argument, a function, gives the router's state: `app!("../../edgezero.toml",
/// router, state)`, with a router of type `Router<S>` and a state of type `S`. It is called
/// once, before the first request is answered; in Spin once in each instance of the
/// component.
///
/// The path is relative to the folder of the crate's Cargo.toml. A mistake in the
/// manifest is a compile error that names its line.
#[proc_macro]
pub fn app(input: TokenStream) -> TokenStream {
    app::expand(input.into(), read::manifest)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Makes a struct's fields an app's configuration: see
/// `edgezero_store_traits::AppConfig`.
///
/// A field is read from the key of its name, a nested struct from dotted keys.
/// `#[secret]` reads the secret that the configured text names. What the struct says
/// to serde (`rename`, `default`, …) holds, whether or not it derives `Deserialize`.
#[proc_macro_derive(AppConfig, attributes(secret, config, app_config, serde))]
pub fn app_config(input: TokenStream) -> TokenStream {
    app_config::expand(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

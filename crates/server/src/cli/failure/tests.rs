use std::io;

use super::*;

/// Each kind of failure has the code that docs/exit-codes.md gives it.
#[test]
fn each_failure_has_its_code() {
    let refused = || StoreError::Refused("the disk is full".to_owned());
    let folder = |error: DataDirectoryError| Failure::from(OpenError::from(error));
    let source = || io::Error::other("no");
    let path = || "data".into();
    let rows: [(Failure, ExitCode); 11] = [
        (refused().into(), ExitCode::StoreUnavailable),
        (
            StoreError::corrupt("client", "a", "b").into(),
            ExitCode::Internal,
        ),
        (
            StoreError::NewerSchema { found: 2, known: 1 }.into(),
            ExitCode::DatabaseNewer,
        ),
        (
            OpenError::Store(refused()).into(),
            ExitCode::StoreUnavailable,
        ),
        (OpenError::MemoryStore.into(), ExitCode::Configuration),
        (OpenError::OtherSecretKey.into(), ExitCode::MasterKey),
        (
            folder(DataDirectoryError::MasterKeyUnreadable {
                path: path(),
                source: source(),
            }),
            ExitCode::MasterKey,
        ),
        (
            folder(DataDirectoryError::FolderOfAnotherUser { path: path() }),
            ExitCode::DataDirectoryNotWritable,
        ),
        (
            ServeError::Pages("a".to_owned()).into(),
            ExitCode::Configuration,
        ),
        (
            ServeError::Internal("a".to_owned()).into(),
            ExitCode::Internal,
        ),
        (
            QuickstartError::Serve(ServeError::CannotListen {
                address: "a".to_owned(),
                source: source(),
            })
            .into(),
            ExitCode::CannotListen,
        ),
    ];
    for (failure, code) in rows {
        assert_eq!(failure.code, code, "{failure}");
        assert_eq!(failure.to_json()["code"], code as u8);
    }
}

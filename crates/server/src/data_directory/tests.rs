//! Who can read and write what the folder holds, and what is no master key.

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp");
        Self(root.join(format!("data-directory-{}", unique_name())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_folder_and_the_key_are_made_for_their_owner_only_and_found_again() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    let key = directory.master_key().unwrap();
    assert_eq!(mode(&folder.0), 0o700);
    assert_eq!(mode(&folder.0.join(MASTER_KEY_FILE)), 0o600);
    assert_eq!(
        DataDirectory::prepare(&folder.0)
            .unwrap()
            .master_key()
            .unwrap(),
        key
    );
    let names: Vec<_> = fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, [MASTER_KEY_FILE], "no draft is left behind");
}

#[test]
fn processes_that_start_together_end_with_one_key() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    let keys: Vec<_> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| directory.master_key().unwrap()))
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    assert!(keys.windows(2).all(|pair| pair.first() == pair.last()));
}

#[test]
fn a_key_that_others_can_read_or_that_is_none_is_refused() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    directory.master_key().unwrap();
    let path = folder.0.join(MASTER_KEY_FILE);
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        directory.master_key(),
        Err(DataDirectoryError::MasterKeyExposed { .. })
    ));
    fs::write(&path, "short\n").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(
        directory.master_key(),
        Err(DataDirectoryError::MasterKeyMalformed { .. })
    ));
}

#[test]
fn a_key_that_was_not_drawn_at_random_is_refused() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    directory.master_key().unwrap();
    let path = folder.0.join(MASTER_KEY_FILE);
    let mut few = [7; 32];
    few[..6].copy_from_slice(&[1, 2, 3, 4, 5, 6]);
    for guessable in [[0; 32], [255; 32], few] {
        fs::write(&path, base64url::encode(guessable)).unwrap();
        assert!(matches!(
            directory.master_key(),
            Err(DataDirectoryError::MasterKeyGuessable { .. })
        ));
    }
    few[6] = 8;
    fs::write(&path, base64url::encode(few)).unwrap();
    assert_eq!(*directory.master_key().unwrap().sealing, few);
}

#[test]
fn what_is_no_file_holds_no_key_and_is_not_waited_for() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    let path = folder.0.join(MASTER_KEY_FILE);
    let is_refused = || {
        matches!(
            directory.master_key(),
            Err(DataDirectoryError::MasterKeyNotAFile { .. })
        )
    };
    fs::create_dir(&path).unwrap();
    assert!(is_refused(), "a folder");
    fs::remove_dir(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    assert!(is_refused(), "a FIFO");
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let folder = Folder::new();
    for (mode, is_allowed) in [
        (0o700, true),
        (0o755, true),
        (0o770, false),
        (0o757, false),
        (0o1777, false),
    ] {
        fs::create_dir_all(&folder.0).unwrap();
        fs::set_permissions(&folder.0, Permissions::from_mode(mode)).unwrap();
        match DataDirectory::prepare(&folder.0) {
            Ok(_) => assert!(is_allowed, "{mode:o}"),
            Err(error) => {
                assert!(!is_allowed, "{mode:o}: {error}");
                assert!(
                    error.to_string().contains("chmod go-w"),
                    "{mode:o}: {error}"
                );
            }
        }
    }
}

#[test]
fn a_folder_of_another_user_is_refused_however_well_it_can_be_written() {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0).unwrap();
    // Only the superuser can give a folder away; everyone else has no folder of another user to
    // write to.
    if std::os::unix::fs::chown(&folder.0, Some(65_533), None).is_err() {
        return;
    }
    assert!(matches!(
        DataDirectory::prepare(&folder.0),
        Err(DataDirectoryError::FolderOfAnotherUser { .. })
    ));
}

#[test]
fn a_database_that_others_can_use_is_refused_and_so_is_its_log() {
    let folder = Folder::new();
    DataDirectory::prepare(&folder.0).unwrap();
    let (database, log) = (folder.0.join("a.sqlite3"), folder.0.join("a.sqlite3-wal"));
    assert!(check_database(&database).is_ok(), "there is none yet");
    for path in [&database, &log] {
        fs::write(path, "").unwrap();
        for mode in [0o604, 0o640, 0o660] {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            let error = check_database(&database).unwrap_err().to_string();
            let remedy = format!("chmod 600 {}", path.display());
            assert!(error.ends_with(&remedy), "{mode:o}: {error}");
        }
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        assert!(check_database(&database).is_ok());
    }
}

#[test]
fn a_database_behind_a_link_is_looked_at_where_it_is() {
    let folder = Folder::new();
    DataDirectory::prepare(&folder.0).unwrap();
    let elsewhere = folder.0.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let (database, log) = (elsewhere.join("b.sqlite3"), elsewhere.join("b.sqlite3-wal"));
    let link = folder.0.join("a.sqlite3");
    std::os::unix::fs::symlink(&database, &link).unwrap();
    assert!(check_database(&link).is_ok(), "it leads nowhere yet");
    for path in [&database, &log] {
        fs::write(path, "").unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
        assert!(check_database(&link).is_err(), "{}", path.display());
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        assert!(check_database(&link).is_ok());
    }
}

#[test]
fn a_second_server_is_kept_out_until_the_first_ends() {
    let folder = Folder::new();
    let directory = DataDirectory::prepare(&folder.0).unwrap();
    let lock = directory.lock_for_server().unwrap();
    assert!(matches!(
        directory.lock_for_server(),
        Err(DataDirectoryError::InUse { .. })
    ));
    drop(lock);
    directory.lock_for_server().unwrap();
}

#[test]
fn a_folder_that_can_not_be_made_is_refused() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.parent().unwrap()).unwrap();
    fs::write(&folder.0, "a file").unwrap();
    assert!(matches!(
        DataDirectory::prepare(&folder.0),
        Err(DataDirectoryError::NotWritable { .. })
    ));
    fs::remove_file(&folder.0).unwrap();
}

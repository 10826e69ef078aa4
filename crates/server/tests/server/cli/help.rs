//! `help`, `exit-codes` and the questions at a terminal: what the binary says about itself.

use std::io::Cursor;

use crate::command::{Deployment, Written};

#[test]
fn the_reference_and_the_exit_codes_are_printed_as_in_docs() {
    let deployment = Deployment::empty();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
    for (words, file) in [
        (&["config", "reference"][..], "configuration.md"),
        (&["exit-codes"][..], "exit-codes.md"),
    ] {
        let output = deployment.run(words);
        assert_eq!(output.code, 0);
        assert!(
            output.stdout == std::fs::read_to_string(format!("{docs}/{file}")).unwrap(),
            "{file}"
        );
    }
    let output = deployment.run(&["help", "exit-codes"]);
    assert_eq!(output.code, 0);
    assert!(
        output.stdout.contains("| 13 | data_directory_in_use |"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_wrong_command_line_ends_with_exit_code_2() {
    let deployment = Deployment::empty();
    for words in [
        &["nonsense"][..],
        &["user"],
        &["serve", "--nonsense"],
        &["user", "password", "alice"],
        &["user", "password", "alice", "secret"],
    ] {
        let output = deployment.run(words);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{words:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn the_help_of_a_command_names_the_configuration_where_it_counts() {
    let deployment = Deployment::empty();
    for (words, counts) in [
        (&["serve"][..], true),
        (&["setup-link"], true),
        (&["config", "check"], true),
        (&["user", "create"], true),
        (&["client", "update"], true),
        (&["keys", "import"], true),
        (&["codes", "delete-all"], true),
        (&["grant", "list"], true),
        (&["session", "revoke"], true),
        (&["quickstart"], false),
        (&["errors"], false),
        (&["exit-codes"], false),
        (&["config", "reference"], false),
    ] {
        let output = deployment.run(&[words, &["--help"]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{words:?}");
        assert_eq!(
            output.stdout.contains("--config"),
            counts,
            "{words:?}: {}",
            output.stdout
        );
    }
}

#[test]
fn at_a_terminal_people_are_asked_and_help_is_in_colour() {
    let deployment = Deployment::new("");
    for (output, code) in [("yes\n", 0), ("y\n", 6), ("", 6)] {
        let written = Written::default();
        let mut surroundings = deployment.surroundings("", &written);
        surroundings.input.reader = Box::new(Cursor::new(output.as_bytes().to_vec()));
        surroundings.input.is_terminal = true;
        let words = ["codes", "delete-all"];
        assert_eq!(deployment.run_in(surroundings, &words), code, "{output:?}");
        let asked = written.errors.text();
        assert!(
            asked.starts_with("This will delete every authorization code"),
            "{asked}"
        );
    }
    let written = Written::default();
    let mut surroundings = deployment.surroundings("", &written);
    surroundings.output.is_terminal = true;
    assert_eq!(deployment.run_in(surroundings, &["--help"]), 0);
    assert!(written.output.text().contains('\u{1b}'));
}

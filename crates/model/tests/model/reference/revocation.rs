//! The revocation of a refresh token (RFC 7009, section 2.1).

use countersign_model::acts::Act::EndGrant;
use countersign_model::acts::{CheckOutcome, EndGrantOutcome, GrantId, RotateOutcome};

use super::{FOREIGN, GRANT, OWN, check, redeemed, refresh};

#[test]
fn revoking_a_refresh_token_ends_its_grant_for_its_own_client_only() {
    // RFC 7009, section 2.1: the token was issued to the client that asks.
    let mut store = redeemed();
    store.expect_unchanged(
        EndGrant {
            grant: GRANT,
            client: FOREIGN,
        },
        0,
        EndGrantOutcome::ForeignClient,
    );
    store.expect_unchanged(
        EndGrant {
            grant: GrantId(9),
            client: OWN,
        },
        0,
        EndGrantOutcome::Unknown,
    );
    store.expect(
        EndGrant {
            grant: GRANT,
            client: OWN,
        },
        0,
        EndGrantOutcome::Ended,
    );
    store.expect_unchanged(
        EndGrant {
            grant: GRANT,
            client: OWN,
        },
        0,
        EndGrantOutcome::Ended,
    );
    store.expect(check(0), 0, CheckOutcome::Ended);
    store.expect(refresh(0, OWN), 0, RotateOutcome::Ended);
}

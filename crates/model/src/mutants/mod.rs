//! The model with one known bug each. The checker must find every one of them: that is how we know
//! that the properties bite. [`mod@rules`] has what a mutant makes of the row's rules; the others
//! are where the step is that they spoil.

mod rules;

/// A bug that such a system could have, most of them seen in one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Redemption reads the row, decides, and writes it in a second statement.
    ReadThenWriteRedemption,
    /// So does rotation.
    ReadThenWriteRotation,
    /// A sign-in takes the epochs when it writes the grant, and not in the read that verified the
    /// credential.
    EpochsReadLate,
    /// A grant under an old browser session takes the user's epoch of now, not the one that the
    /// sign-in handed down.
    SessionTakesTheUserAgain,
    /// A sign-in reads the password's hash before the user's epoch.
    HashReadBeforeTheEpoch,
    /// A new password ends everything first, and is written then.
    EndingBeforeTheHash,
    /// An ending whose response was lost is sent again with the status that its caller had read.
    BlindResendEnables,
    /// The grace repeats any used token's successor, used or not.
    GraceIgnoresUse,
    /// The grace lets the predecessor rotate again.
    GraceRotatesAgain,
    /// The grace repeats the successor to any client that asks.
    GraceForAnyClient,
    /// A request's own fault is returned before the act has looked at the token.
    FaultReturnedFirst,
    /// A refresh grants what the read before its act has seen, whatever was taken away since.
    EarlyReadWidens,
    /// A code is accepted although another has replaced it.
    ReplacedCodeLives,
    /// A replayed code ends the grant before anyone looks whose it is.
    ForeignReplayEnds,
    /// A replayed code is refused, but the grant stays valid.
    ReplayForgiven,
    /// A reused refresh token ends all of the user's grants to the client.
    ReuseEndsTheConsent,
    /// A refresh compares the epochs before its act and not after.
    ComparedBeforeTheActOnly,
    /// A shared engine reads the parents with the record, and not after the commit.
    ParentsReadBeforeTheCommit,
    /// The parents' epochs come from a cache that was filled before the race.
    StaleParentCache,
    /// The end of a client session is never compared.
    ClientSessionEndingIgnored,
    /// An ending returns before it is carried out.
    EndingReturnedFirst,
    /// Logout ends the user's offline grants too.
    OfflineEndsWithTheSession,
    /// The deletion of codes ends the grants that it has found, without another look.
    DeletionEndsBlindly,
    /// The collector goes by the code's end, used or not.
    CollectorForgetsAUsedCode,
    /// The collector doesn't know how long a form may name the grant.
    CollectorForgetsTheForm,
    /// An act whose response was lost is decided again, as if it were another one.
    SpuriousReuse,
    /// An act that doesn't find itself is decided again, and may end its grant.
    UnknownFateEndsTheGrant,
    /// The record remembers the last act only.
    OneSlotForTheLastAct,
    /// The version is a counter, which starts again when the row is replaced.
    VersionCounterRestarts,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::ReadThenWriteRedemption,
        Self::ReadThenWriteRotation,
        Self::EpochsReadLate,
        Self::SessionTakesTheUserAgain,
        Self::HashReadBeforeTheEpoch,
        Self::EndingBeforeTheHash,
        Self::BlindResendEnables,
        Self::GraceIgnoresUse,
        Self::GraceRotatesAgain,
        Self::GraceForAnyClient,
        Self::FaultReturnedFirst,
        Self::EarlyReadWidens,
        Self::ReplacedCodeLives,
        Self::ForeignReplayEnds,
        Self::ReplayForgiven,
        Self::ReuseEndsTheConsent,
        Self::ComparedBeforeTheActOnly,
        Self::ParentsReadBeforeTheCommit,
        Self::StaleParentCache,
        Self::ClientSessionEndingIgnored,
        Self::EndingReturnedFirst,
        Self::OfflineEndsWithTheSession,
        Self::DeletionEndsBlindly,
        Self::CollectorForgetsAUsedCode,
        Self::CollectorForgetsTheForm,
        Self::SpuriousReuse,
        Self::UnknownFateEndsTheGrant,
        Self::OneSlotForTheLastAct,
        Self::VersionCounterRestarts,
    ];
}

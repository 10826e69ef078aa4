//! What follows a restored backup, for completeness: memory has no backups.

use async_trait::async_trait;

use super::Memory;
use crate::StoreError;
use crate::events::{Event, EventKind};
use crate::restoration::{NewEpochs, Restoration};

#[async_trait]
impl Restoration for Memory {
    async fn end_everything_restored(&self, new: &NewEpochs, now: i64) -> Result<u64, StoreError> {
        let mut state = self.state();
        let state = &mut *state;
        let mut replaced = 0;
        let mut replace = |epoch: &mut crate::Epoch, kind: &str, name: &[&[u8]]| {
            *epoch = new.of(kind, name);
            replaced += 1;
        };
        for subject in state.subjects.values_mut() {
            replace(&mut subject.epoch, "user", &[subject.sub.as_bytes()]);
        }
        for client in state.clients.values_mut() {
            replace(&mut client.epoch, "client", &[client.client_id.as_bytes()]);
        }
        for consent in state.consents.values_mut() {
            let name = [consent.sub.as_bytes(), consent.client_id.as_bytes()];
            replace(&mut consent.epoch, "consent", &name);
        }
        for session in state.sessions.values_mut() {
            replace(
                &mut session.epoch,
                "browser session",
                &[session.id.as_bytes()],
            );
        }
        for session in state.client_sessions.values_mut() {
            replace(
                &mut session.epoch,
                "client session",
                &[session.sid.as_bytes()],
            );
        }
        state.setup_link = None;
        state.emit(Event::new(EventKind::BackupRestored, now));
        Ok(replaced)
    }
}

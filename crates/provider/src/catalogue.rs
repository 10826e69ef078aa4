//! The causes that the provider's endpoints and journeys can name, for the program's
//! [`Catalogue`](countersign_web::catalogue::Catalogue).

use countersign_web::catalogue::Area;

use crate::access_token::{AccessTokenFault, BearerFault};
use crate::authorization_request::fault::AuthorizeFault;
use crate::client_auth::fault::ClientAuthFault;
use crate::client_documents::fault::ClientDocumentCause;
use crate::consent::fault::ConsentFault;
use crate::device_request::fault::DeviceFault;
use crate::introspect::fault::IntrospectionFault;
use crate::journey::fault::{InteractionFault, JourneyFault};
use crate::login::fault::LoginFault;
use crate::logout::backchannel::fault::BackchannelFault;
use crate::logout::fault::LogoutFault;
use crate::register::fault::RegisterFault;
use crate::revoke::fault::RevocationFault;
use crate::setup::fault::SetupFault;
use crate::token::fault::TokenFault;
use crate::userinfo::fault::UserinfoFault;

/// The areas of the provider, in the order of the documentation.
pub fn areas() -> Vec<Area> {
    vec![
        Area::new("Authorization (/authorize)")
            .with(AuthorizeFault::entries())
            .with(JourneyFault::entries())
            .with(InteractionFault::entries()),
        Area::new("Sign-in and consent")
            .with(LoginFault::entries())
            .with(ConsentFault::entries()),
        Area::new("Client ID metadata documents (/authorize)").with(ClientDocumentCause::entries()),
        Area::new("Client authentication").with(ClientAuthFault::entries()),
        Area::new("Token endpoint (/token)").with(TokenFault::entries()),
        Area::new("Device flow (/device_authorization, /device)").with(DeviceFault::entries()),
        Area::new("Userinfo (/userinfo)")
            .with(BearerFault::entries())
            .with(AccessTokenFault::entries())
            .with(UserinfoFault::entries()),
        Area::new("Registration of clients (/register)").with(RegisterFault::entries()),
        Area::new("Introspection (/introspect)").with(IntrospectionFault::entries()),
        Area::new("Revocation (/revoke)").with(RevocationFault::entries()),
        Area::new("Logout (/logout)").with(LogoutFault::entries()),
        Area::new("Logout calls to applications (in the log only)")
            .with(BackchannelFault::entries()),
        Area::new("Setup (/setup)").with(SetupFault::entries()),
    ]
}

#[cfg(test)]
mod tests {
    use countersign_web::catalogue::Catalogue;

    use super::*;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_says_everything() {
        assert_eq!(Catalogue::new().with(areas()).check(), Ok(()));
    }
}

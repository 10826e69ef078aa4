//! Logout: of the browser session at our own side (RP-Initiated Logout), and how applications are
//! told (Back-Channel Logout, Front-Channel Logout).

pub mod backchannel;
mod frontchannel;
mod rp_initiated;

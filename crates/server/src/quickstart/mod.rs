//! `countersign quickstart`: a provider, its data folder, and a demo application on it.

pub mod demo;

//! Fone Dynamics' resources: properties, addresses, numbers (contracts/fonedynamics.md).

mod addresses;
mod budget;
mod codes;
mod envelope;
mod faults;
mod goldens;
mod isolation;
mod ledger;
mod lists;
mod numbers;
mod properties;
mod races;

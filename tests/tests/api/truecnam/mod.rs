//! TrueCNAM: `GET` and `POST /api/v1`.

mod bounds;
mod end;
mod errors;
mod forms;
mod goldens;
mod limits;
mod names;
mod numbers;
mod pbx;
mod proposed;
mod read_only;
mod refused;
mod start;
mod terminating;
mod trueclid;

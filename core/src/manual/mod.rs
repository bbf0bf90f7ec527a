//! The manual: how to use entrada, how to write a driver, what is promised and what is not.
//!
//! Doc-only modules, so that every link and every example is compiled.

pub mod a_contract;
pub mod b_writing_a_driver;
pub mod c_writing_a_flow;
pub mod d_errors;
pub mod e_security;
pub mod f_differences;
pub mod g_testing;
pub mod h_signing;
pub mod i_machine_learning;

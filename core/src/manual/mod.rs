//! The manual: how to use entrada, how to write a driver, what is promised and what is not.
//!
//! | chapter | for whom |
//! |---|---|
//! | [Errors](errors) | programs that react to what went wrong, and people who read it |
//! | [Caching](caching) | programs that ask for tokens often, or want a sign-in to last |
//! | [The command line](command_line) | what `entrada doctor` prints |
//! | [Azure Machine Learning](machine_learning) | workspaces, endpoints, service principals, jobs |
//! | [Signing](signing) | certificates and keys that stay elsewhere |
//! | [What is promised about secrets](security) | whoever has to trust it |
//! | [Where entrada differs](differences) | those who know other Azure identity libraries |
//! | [Speed](speed) | what was measured, and why one limit was given up |
//! | [The contract](contract) | authors of drivers and flows |
//! | [Writing a driver](writing_a_driver) | another executor or platform |
//! | [Writing a flow](writing_a_flow) | a protocol of your own |
//! | [Testing](testing) | tests of programs that use entrada |
//!
//! Doc-only modules, so that every link and every example is compiled.

pub mod caching;
pub mod command_line;
pub mod contract;
pub mod differences;
pub mod errors;
pub mod machine_learning;
pub mod security;
pub mod signing;
pub mod speed;
pub mod testing;
pub mod writing_a_driver;
pub mod writing_a_flow;

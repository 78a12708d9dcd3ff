//! The console: pages for people, in a browser that keeps a cookie.

mod budget;
mod links;
mod others;
mod pages;
mod session;
mod settle;

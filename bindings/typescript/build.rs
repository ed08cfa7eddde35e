//! Lets the linker leave Node's own functions open.

fn main() {
    napi_build::setup();
}

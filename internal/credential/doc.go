// Package credential knows where AWS credentials come from: explicit keys, one
// named profile, or the chain of five sources (environment, shared config and
// credentials files, web identity token file, ECS container endpoint, EC2
// instance metadata). It tries them in turn until one gives valid credentials,
// keeps those fresh, and can say of every source what it gave or why it gave
// nothing.
//
// The AWS SDK picks one source when it loads and never falls through to the
// next, so the chain is put together here from the SDK's own providers.
//
// It does not know spicepod.yaml, models, Bedrock or limits. It reads no
// variable of the process itself: the environment is handed in.
package credential

// Package emulator is a strict stand-in for the parts of AWS that an
// embeddings gateway talks to: Bedrock runtime and control plane, STS, IAM, and
// the endpoints that hand out credentials (ECS, EC2 instance metadata, IAM
// Identity Center). It needs no AWS account and no network but loopback.
//
// It knows AWS's wire forms: SigV4 byte for byte, IAM policies over
// bedrock actions, request bodies as Bedrock's models check them,
// requests-per-minute quotas, error codes and headers. Where AWS's behaviour
// is not written down it takes the stricter reading; it is never kinder than
// AWS, so a program that works here has not been flattered.
//
// Its embeddings are lexical: hashed lower-cased words and character trigrams,
// scaled to length one. Texts that share words are near each other. That is
// all: the vectors carry no meaning, a synonym is a stranger, and no number
// made here says anything about the quality of a real model. Token counts are
// made up in the same spirit, by the rule that countTokens states.
//
// STS exchanges the tokens of an issuer that an account's IAM knows: it fetches
// discovery document and keys over HTTPS, remembers the keys as AWS does, proves
// the token, evaluates the role's trust policy, and looks at the role's policies
// whenever its session calls. An issuer of a test gets a real name by WithHost
// and WithCAs, or stands in the same process by WithIssuer.
//
// IAM plays the calls that set such a role up: providers, roles, their inline
// and managed policies, boundaries and tags, with AWS's checks, quotas and
// errors, and asks for the caller's right to each. Users have a key and policies ([Emulator.AddUser]), and no calls of their own.
//
// What it does not do: images, audio and video are refused; so are streaming,
// Converse and batch jobs. Roles are assumed by a web identity token only.
//
// It imports nothing but the standard library, and no other package of this
// module, so that a mistake made there cannot be made here too and cancel out.
//
// While it runs, the paths under /_emulator/ show and change what goes on, in
// JSON and without credentials:
//
//	curl $URL/_emulator/trail
//	curl $URL/_emulator/keys
//	curl -H 'Content-Type: application/json' -d '{"kind":"throttle","model":"cohere.*","count":3,"retryAfter":"2"}' $URL/_emulator/faults
//	curl -H 'Content-Type: application/json' -d '{"kind":"delay","operation":"FetchJWKS","delay":"6s"}' $URL/_emulator/faults
//	curl -X DELETE $URL/_emulator/faults
//	curl $URL/_emulator/fetches
//	curl $URL/_emulator/iam
//	curl -H 'Content-Type: application/json' -d '{"model":"cohere.embed-english-v3","rpm":60}' $URL/_emulator/quotas
//
// So it belongs on a loopback address.
//
// A test that must not touch the network uses Transport, which also works in
// testing/synctest's bubbles; a program in another process uses Start.
package emulator

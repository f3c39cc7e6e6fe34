// Package bedrock sends texts to Amazon Bedrock and brings vectors back: it
// packs texts into InvokeModel calls, signs and sends them, retries what can be
// retried, and says what went wrong in AWS's words and its own. It also lists the models
// that an account has in a region.
//
// It knows neither the names callers use nor how much may be sent: a plan of
// the limit room gives each call its turn.
package bedrock

// Package openai speaks OpenAI's embeddings API over HTTP: it reads and checks
// requests, knows who calls, and writes vectors and errors in OpenAI's shapes.
//
// What a model is and where its vectors come from is the gateway's business.
package openai

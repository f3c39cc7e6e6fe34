// Package gateway answers requests for embeddings by the name of a model: it
// finds the model, embeds equal texts once, plans every call before the first
// is sent, and hands the rest to the bedrock room.
//
// It does not know where models are configured nor who may call.
package gateway

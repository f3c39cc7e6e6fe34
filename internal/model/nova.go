package model

import "net/http"

// nova is Amazon Nova Multimodal Embeddings, for text (Nova user guide,
// embeddings schema): at most 8,192 characters inline.
func nova() *Family {
	return &Family{
		Name:         "nova",
		Title:        "Amazon Nova Multimodal Embeddings",
		IDs:          []string{"amazon.nova-2-multimodal-embeddings-v1:0"},
		TextsPerCall: 1,
		MaxChars:     8192,
		MaxTokens:    8192,
		Dimensions:   []int{3072, 1024, 384, 256},
		Params: []Param{
			{Name: "dimensions", Kind: Int, Values: []string{"3072", "1024", "384", "256"}, Default: "3072", Doc: "Length of each vector."},
			{Name: "truncate", Aliases: []string{"truncate_mode"}, Kind: Enum, Values: []string{"NONE", "START", "END"}, Default: "NONE",
				Doc: "Which end of a text that is too long is dropped. NONE refuses it."},
			{Name: "embedding_purpose", Kind: Enum, Default: "GENERIC_INDEX", Doc: "What the vectors are for.", Values: []string{
				"GENERIC_INDEX", "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL", "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL",
				"DOCUMENT_RETRIEVAL", "AUDIO_RETRIEVAL", "CLASSIFICATION", "CLUSTERING"}},
		},
		USDPerMillionTokens: 0.135,
		Codec:               novaCodec{},
	}
}

type novaCodec struct{}

func (novaCodec) AppendRequest(dst []byte, texts []string, p Params) []byte {
	dst = append(dst, `{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"`...)
	dst = append(dst, p["embedding_purpose"]...)
	dst = append(dst, `","embeddingDimension":`...)
	dst = append(dst, p["dimensions"]...)
	dst = append(dst, `,"text":{"truncationMode":"`...)
	dst = append(dst, p["truncate"]...)
	dst = append(dst, `","value":`...)
	dst = appendString(dst, texts[0])
	return append(dst, "}}}"...)
}

func (novaCodec) ReadResponse(body []byte, header http.Header) (Answer, error) {
	answer := Answer{Tokens: headerTokens(header)}
	one := func(value []byte) ([]byte, error) {
		return members(value, func(name string, inner []byte) ([]byte, error) {
			if name == "embedding" {
				return answer.addVector(inner)
			}
			return skip(inner)
		})
	}
	_, err := members(body, func(name string, value []byte) ([]byte, error) {
		if name == "embeddings" {
			return elements(value, one)
		}
		return skip(value)
	})
	return answer, err
}

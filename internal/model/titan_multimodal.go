package model

import "net/http"

// titanMultimodal is Amazon Titan Multimodal Embeddings G1, for text (Bedrock
// user guide, Amazon Titan Multimodal Embeddings G1): at most 256 tokens.
func titanMultimodal() *Family {
	return &Family{
		Name:         "titan-multimodal",
		Title:        "Amazon Titan Multimodal Embeddings G1",
		IDs:          []string{"amazon.titan-embed-image-v1"},
		TextsPerCall: 1,
		MaxTokens:    256,
		Dimensions:   []int{1024, 384, 256},
		Params: []Param{
			{Name: "dimensions", Kind: Int, Values: []string{"1024", "384", "256"}, Default: "1024", Doc: "Length of each vector."},
		},
		USDPerMillionTokens: 0.8,
		Codec:               titanMM{},
	}
}

type titanMM struct{}

func (titanMM) AppendRequest(dst []byte, texts []string, p Params) []byte {
	dst = append(dst, `{"inputText":`...)
	dst = appendString(dst, texts[0])
	dst = append(dst, `,"embeddingConfig":{"outputEmbeddingLength":`...)
	dst = append(dst, p["dimensions"]...)
	return append(dst, "}}"...)
}

func (titanMM) ReadResponse(body []byte, header http.Header) (Answer, error) {
	return readTitan(body, header)
}

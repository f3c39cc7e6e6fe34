package model

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/adit-hq/adit/internal/vector"
)

// titanTextV2 is Amazon Titan Text Embeddings V2 (Bedrock user guide, Amazon
// Titan Embeddings Text): one text a call, non-empty, at most 8,192 tokens or
// 50,000 characters; longer ones are refused, never cut.
func titanTextV2() *Family {
	return &Family{
		Name:         "titan-text-v2",
		Title:        "Amazon Titan Text Embeddings V2",
		IDs:          []string{"amazon.titan-embed-text-v2:0"},
		TextsPerCall: 1,
		MaxChars:     50_000,
		MaxTokens:    8192,
		Dimensions:   []int{1024, 512, 256},
		Params: []Param{
			{Name: "normalize", Kind: Bool, Values: []string{"true", "false"}, Default: "true", Doc: "Scale each vector to length 1."},
			{Name: "dimensions", Kind: Int, Values: []string{"1024", "512", "256"}, Default: "1024", Doc: "Length of each vector."},
		},
		USDPerMillionTokens: 0.02,
		Codec:               titanText{version: 2},
	}
}

// titanTextV1 is Amazon Titan Embeddings G1 - Text, whose request has the text alone.
func titanTextV1() *Family {
	return &Family{
		Name:                "titan-text-v1",
		Title:               "Amazon Titan Embeddings G1 - Text",
		IDs:                 []string{"amazon.titan-embed-text-v1", "amazon.titan-embed-g1-text-02"},
		TextsPerCall:        1,
		MaxChars:            50_000,
		MaxTokens:           8192,
		Dimensions:          []int{1536},
		USDPerMillionTokens: 0.1,
		Codec:               titanText{version: 1},
	}
}

type titanText struct{ version int }

func (c titanText) AppendRequest(dst []byte, texts []string, p Params) []byte {
	dst = append(dst, `{"inputText":`...)
	dst = appendString(dst, texts[0])
	if c.version == 2 {
		dst = append(dst, `,"dimensions":`...)
		dst = append(dst, p["dimensions"]...)
		dst = append(dst, `,"normalize":`...)
		dst = append(dst, p["normalize"]...)
	}
	return append(dst, '}')
}

func (titanText) ReadResponse(body []byte, header http.Header) (Answer, error) {
	return readTitan(body, header)
}

// readTitan reads the answer that all Titan models share. V2 sends its vector
// twice, as embedding and under embeddingsByType: the first that comes counts.
// What follows the vector and its token count is not read.
func readTitan(body []byte, header http.Header) (Answer, error) {
	answer := Answer{Tokens: headerTokens(header)}
	_, err := members(body, func(name string, value []byte) (rest []byte, err error) {
		switch name {
		case "embedding":
			rest, err = answer.firstVector(value)
		case "embeddingsByType":
			rest, err = answer.readByType(value)
		case "inputTextTokenCount":
			answer.Tokens, rest, err = readCount(value)
		case "message":
			return readMessage(value)
		default:
			return skip(value)
		}
		if err == nil && len(answer.Vectors) > 0 && answer.Tokens >= 0 {
			err = errEnough
		}
		return rest, err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return answer, err
}

// readByType reads {"float": [...]}, or null.
func (a *Answer) readByType(b []byte) (rest []byte, err error) {
	if len(a.Vectors) > 0 || !startsWith(b, '{') {
		return skip(b)
	}
	return members(b, func(name string, value []byte) ([]byte, error) {
		if name == "float" {
			return a.firstVector(value)
		}
		return skip(value)
	})
}

// firstVector reads the vector at the head of b, or null. One that comes after
// another is the same once more, and skipped.
func (a *Answer) firstVector(b []byte) (rest []byte, err error) {
	switch {
	case bytes.HasPrefix(b, []byte("null")):
		return b[4:], nil
	case len(a.Vectors) > 0:
		return skip(b)
	}
	return a.addVector(b)
}

// addVector reads the vector at the head of b and returns what follows it.
func (a *Answer) addVector(b []byte) (rest []byte, err error) {
	text, n, rest, err := vector.Scan(b)
	if err != nil {
		return nil, err
	}
	a.Vectors = append(a.Vectors, text)
	a.Dimensions = append(a.Dimensions, n)
	return rest, nil
}

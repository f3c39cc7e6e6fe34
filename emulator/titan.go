package emulator

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Bodies, limits and messages of the Amazon Titan embedding models: Bedrock
// user guide, "Amazon Titan Embeddings Text" and "Titan Multimodal Embeddings
// G1"; the texts of length errors from public reports.
const (
	titanMaxChars  = 50_000
	titanMaxTokens = 8_192
	titanMMTokens  = 256
)

func titanV1(j job) (reply, *awsError) {
	s := &schema{}
	text, err := titanText(s, j.body, nil)
	if err == nil {
		err = tooManyTokens(text, titanMaxTokens)
	}
	if err != nil {
		return reply{}, err
	}
	v := titanVector(j, text, 1536, true)
	b := appendVector([]byte(`{"embedding":`), v, appendDecimal)
	return titanReply(b, text, ""), nil
}

func titanV2(j job) (reply, *awsError) {
	s := &schema{}
	dims := s.integer("#", j.body, "dimensions", 1024, among(1024, 512, 256))
	normalize := s.boolean("#", j.body, "normalize", true)
	types := s.choices(j.body, "embeddingTypes", "float", "binary")
	text, err := titanText(s, j.body, []string{"dimensions", "normalize", "embeddingTypes"})
	if err == nil {
		err = tooManyTokens(text, titanMaxTokens)
	}
	if err != nil {
		return reply{}, err
	}
	v := titanVector(j, text, dims, normalize)
	b := make([]byte, 0, 64+27*len(v))
	b = append(b, `{"embedding":`...)
	start := len(b)
	b = appendVector(b, v, appendDecimal)
	end := len(b)
	b = append(b, `,"embeddingsByType":{`...)
	if slices.Contains(types, "binary") {
		b = append(b, `"binary":`...)
		b = append(appendInts(b, signs(v)), ',')
	}
	b = append(b, `"float":`...)
	b = append(b, b[start:end]...) // the vector is always there twice
	b = append(b, '}')
	return titanReply(b, text, ""), nil
}

func titanImage(j job) (reply, *awsError) {
	if _, ok := j.body.member("inputImage"); ok && j.body.kind == kindObject {
		return reply{}, refuseMedia("inputImage")
	}
	s, dims := &schema{}, 1024
	if config, ok := j.body.member("embeddingConfig"); ok {
		s.object("#/embeddingConfig", config, nil, []string{"outputEmbeddingLength"})
		dims = s.integer("#/embeddingConfig", config, "outputEmbeddingLength", dims, among(1024, 384, 256))
	}
	text, err := titanText(s, j.body, []string{"embeddingConfig"})
	if err == nil {
		err = tooManyTokens(text, titanMMTokens)
	}
	if err != nil {
		return reply{}, err
	}
	b := appendVector([]byte(`{"embedding":`), titanVector(j, text, dims, true), appendDecimal)
	return titanReply(b, text, `,"message":null`), nil
}

// titanText checks the body's keys and returns its one text. Too long a text
// has a message without a pointer.
func titanText(s *schema, body value, optional []string) (string, *awsError) {
	if !s.object("#", body, []string{"inputText"}, optional) {
		return "", s.err()
	}
	var text string
	if v, ok := body.member("inputText"); ok {
		text = s.text("#/inputText", v, 0)
	}
	if err := s.err(); err != nil {
		return "", err
	}
	if n := utf8.RuneCountInString(text); n > titanMaxChars {
		return "", malformed("expected maxLength: " + strconv.Itoa(titanMaxChars) + ", actual: " + strconv.Itoa(n))
	}
	return text, nil
}

func tooManyTokens(text string, limit int) *awsError {
	if n := countTokens(text); n > limit {
		return validation("400 Bad Request: Too many input tokens. Max input tokens: " + strconv.Itoa(limit) + ", request input token count: " + strconv.Itoa(n))
	}
	return nil
}

// titanVector is the text's vector; without normalize it is longer than one by
// the square root of its tokens.
func titanVector(j job, text string, dims int, normalize bool) []float32 {
	v := embedText(text, dims)
	if !normalize {
		scale(v, math.Sqrt(float64(1+countTokens(text))))
	}
	return v[:dims*j.keep(1)]
}

// titanReply closes the body with the token count.
func titanReply(b []byte, text, more string) reply {
	tokens := countTokens(text)
	b = append(b, `,"inputTextTokenCount":`...)
	b = strconv.AppendInt(b, int64(tokens), 10)
	b = append(append(b, more...), '}')
	return reply{body: b, tokens: tokens, texts: 1}
}

// signs is a binary embedding: one 0 or 1 per dimension.
func signs(v []float32) []int {
	bits := make([]int, len(v))
	for i, x := range v {
		if x > 0 {
			bits[i] = 1
		}
	}
	return bits
}

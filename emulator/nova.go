package emulator

import (
	"strconv"
	"unicode/utf8"
)

// novaMaxChars bounds an inline text (Amazon Nova user guide, embeddings
// request schema).
const novaMaxChars = 8_192

// novaPurposes are the values of embeddingPurpose.
func novaPurposes() []string {
	return []string{
		"GENERIC_INDEX", "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL", "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL",
		"DOCUMENT_RETRIEVAL", "AUDIO_RETRIEVAL", "CLASSIFICATION", "CLUSTERING",
	}
}

func nova(j job) (reply, *awsError) {
	s := &schema{}
	if !s.object("#", j.body, []string{"taskType", "singleEmbeddingParams"}, []string{"schemaVersion"}) {
		return reply{}, s.err()
	}
	s.enum("#", j.body, "schemaVersion", "", "nova-multimodal-embed-v1")
	s.enum("#", j.body, "taskType", "", "SINGLE_EMBEDDING")
	params, _ := j.body.member("singleEmbeddingParams")
	for _, name := range []string{"image", "audio", "video"} {
		if _, ok := params.member(name); ok {
			return reply{}, refuseMedia(name)
		}
	}
	const at = "#/singleEmbeddingParams"
	s.object(at, params, []string{"embeddingPurpose", "text"}, []string{"embeddingDimension"})
	s.enum(at, params, "embeddingPurpose", "", novaPurposes()...)
	dims := s.integer(at, params, "embeddingDimension", 3072, among(3072, 1024, 384, 256))
	text, mode := novaText(s, at, params)
	if err := s.err(); err != nil {
		return reply{}, err
	}
	kept := text
	if n := utf8.RuneCountInString(text); n > novaMaxChars {
		if mode == "NONE" {
			return reply{}, malformed(at + "/text/value: expected maxLength: " + strconv.Itoa(novaMaxChars) + ", actual: " + strconv.Itoa(n))
		}
		kept = cutRunes(text, novaMaxChars, mode == "START")
	}
	return novaReply(j, kept, dims, kept != text), nil
}

// novaText checks the text with its required truncation mode.
func novaText(s *schema, at string, params value) (text, mode string) {
	v, ok := params.member("text")
	if !ok {
		return "", ""
	}
	at += "/text"
	if !s.object(at, v, []string{"truncationMode", "value"}, nil) {
		return "", ""
	}
	mode = s.enum(at, v, "truncationMode", "", "START", "END", "NONE")
	if inline, ok := v.member("value"); ok {
		text = s.text(at+"/value", inline, 0)
	}
	return text, mode
}

// novaReply writes the answer; truncatedCharLength, the length that was kept,
// appears only when the text was cut.
func novaReply(j job, text string, dims int, cut bool) reply {
	b := []byte(`{"embeddings":[`)
	if j.keep(1) == 1 {
		b = append(b, `{"embeddingType":"TEXT","embedding":`...)
		b = appendVector(b, embedText(text, dims), appendDecimal)
		if cut {
			b = append(b, `,"truncatedCharLength":`...)
			b = strconv.AppendInt(b, int64(utf8.RuneCountInString(text)), 10)
		}
		b = append(b, '}')
	}
	return reply{body: append(b, `]}`...), tokens: countTokens(text), header: true, texts: 1}
}

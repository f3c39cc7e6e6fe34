package emulator

import (
	"strconv"
)

// Bodies, limits and messages of Cohere Embed: Bedrock user guide, "Cohere
// Embed v3" and "v4"; number format, key order and headers from recorded
// answers.
const (
	cohereMaxTexts  = 96
	cohereMaxChars  = 2_048 // v3, whatever truncate says
	cohereWindow    = 512   // v3, tokens
	cohereV4Window  = 128_000
	textTooLong     = "Input is too long for requested model."
	cohereDimension = 1024
)

// cohereTypes are the values of embedding_types.
func cohereTypes() []string { return []string{"float", "int8", "uint8", "binary", "ubinary"} }

func cohereV3(j job) (reply, *awsError) {
	if _, ok := j.body.member("images"); ok {
		return reply{}, refuseMedia("images")
	}
	s := &schema{}
	if !s.object("#", j.body, []string{"texts", "input_type"}, []string{"truncate", "embedding_types"}) {
		return reply{}, s.err()
	}
	inputType := s.enum("#", j.body, "input_type", "", "search_document", "search_query", "classification", "clustering", "image")
	truncate := s.enum("#", j.body, "truncate", "NONE", "NONE", "START", "END")
	types := s.choices(j.body, "embedding_types", cohereTypes()...)
	texts := cohereTexts(s, j.body, cohereMaxChars)
	if err := s.err(); err != nil {
		return reply{}, err
	}
	if inputType == "image" {
		return reply{}, validation("input_type image needs [images], and the request has [texts].")
	}
	c := cohereAnswer{echo: "texts", types: types, byType: types != nil, dims: cohereDimension, window: cohereWindow}
	return c.reply(j, texts, truncate != "NONE", truncate == "START")
}

func cohereV4(j job) (reply, *awsError) {
	if _, ok := j.body.member("images"); ok {
		return reply{}, refuseMedia("images")
	}
	s := &schema{}
	optional := []string{"texts", "inputs", "embedding_types", "output_dimension", "max_tokens", "truncate"}
	if !s.object("#", j.body, []string{"input_type"}, optional) {
		return reply{}, s.err()
	}
	s.enum("#", j.body, "input_type", "", "search_document", "search_query", "classification", "clustering")
	truncate := s.enum("#", j.body, "truncate", "NONE", "NONE", "LEFT", "RIGHT")
	types := s.choices(j.body, "embedding_types", cohereTypes()...)
	dims := s.integer("#", j.body, "output_dimension", 1536, among(1536, 1024, 512, 256))
	window := s.integer("#", j.body, "max_tokens", cohereV4Window, func(n int) bool { return n > 0 && n <= cohereV4Window })
	c := cohereAnswer{echo: "texts", types: types, dims: dims, window: window}
	_, hasTexts := j.body.member("texts")
	_, hasInputs := j.body.member("inputs")
	if hasTexts == hasInputs {
		s.add("#", "exactly one of [texts], [images], [inputs] must be present")
	}
	texts := cohereTexts(s, j.body, 0)
	if hasInputs {
		var media string
		c.echo = "inputs"
		if texts, media = cohereInputs(s, j.body); media != "" {
			return reply{}, refuseMedia(media)
		}
	}
	if err := s.err(); err != nil {
		return reply{}, err
	}
	floatOnly := types == nil || (len(types) == 1 && types[0] == "float")
	c.byType = !floatOnly || j.v4Object
	return c.reply(j, texts, truncate != "NONE", truncate == "LEFT")
}

// cohereTexts checks and returns the key "texts".
func cohereTexts(s *schema, body value, maxChars int) []string {
	var texts []string
	for i, item := range s.list("#", body, "texts", cohereMaxTexts) {
		texts = append(texts, s.text("#/texts/"+strconv.Itoa(i), item, maxChars))
	}
	return texts
}

// cohereInputs checks and returns the key "inputs", whose items hold a list of
// parts; parts of one item are embedded together. media names a part that is
// no text.
func cohereInputs(s *schema, body value) (texts []string, media string) {
	for i, item := range s.list("#", body, "inputs", cohereMaxTexts) {
		at := "#/inputs/" + strconv.Itoa(i)
		if !s.object(at, item, []string{"content"}, nil) {
			continue
		}
		text := ""
		for k, part := range s.list(at, item, "content", cohereMaxTexts) {
			here := at + "/content/" + strconv.Itoa(k)
			if kind, _ := part.member("type"); kind.text == "image_url" {
				return nil, "image_url"
			}
			if !s.object(here, part, []string{"type", "text"}, nil) {
				continue
			}
			s.enum(here, part, "type", "", "text", "image_url")
			if v, ok := part.member("text"); ok {
				text += s.text(here+"/text", v, 0) + "\n"
			}
		}
		texts = append(texts, text)
	}
	return texts, ""
}

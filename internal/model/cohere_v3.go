package model

import "net/http"

// cohereV3 is Cohere Embed v3 (Bedrock user guide, Cohere Embed v3): up to 96
// texts a call of at most 2,048 characters each. The schema's character limit
// holds whatever truncate says; truncate is about the window of 512 tokens.
func cohereV3() *Family {
	return &Family{
		Name:           "cohere-v3",
		Title:          "Cohere Embed v3",
		IDs:            []string{"cohere.embed-english-v3", "cohere.embed-multilingual-v3"},
		TextsPerCall:   96,
		MaxChars:       2048,
		CutsToMaxChars: true,
		MaxTokens:      512,
		Dimensions:     []int{1024},
		Params: []Param{
			cohereInputType(),
			{Name: "truncate", Aliases: []string{"truncate_mode"}, Kind: Enum, Values: []string{"NONE", "START", "END"}, Default: "NONE",
				Doc: "Which end of a text that is too long is dropped. NONE refuses it."},
		},
		USDPerMillionTokens: 0.1,
		Codec:               cohere{version: 3},
	}
}

func cohereInputType() Param {
	return Param{Name: "input_type", Kind: Enum, Values: []string{"search_document", "search_query", "classification", "clustering"},
		Default: "search_document", Doc: "What the vectors are for."}
}

// cohere is the body of both generations: v4 names the ends of a text LEFT and
// RIGHT, and lets the dimension be chosen.
type cohere struct{ version int }

func (c cohere) AppendRequest(dst []byte, texts []string, p Params) []byte {
	dst = append(dst, `{"texts":[`...)
	for i, t := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, t)
	}
	dst = append(dst, `],"input_type":"`...)
	dst = append(dst, p["input_type"]...)
	dst = append(dst, `","truncate":"`...)
	if c.version == 3 {
		dst = append(dst, p["truncate"]...)
		return append(dst, `"}`...)
	}
	dst = append(dst, v4Truncate(p["truncate"])...)
	dst = append(dst, `","output_dimension":`...)
	dst = append(dst, p["dimensions"]...)
	return append(dst, '}')
}

// ReadResponse takes embeddings as an array, and as an object of arrays by
// type: which one comes does not follow from the request alone.
func (cohere) ReadResponse(body []byte, header http.Header) (Answer, error) {
	answer := Answer{Tokens: headerTokens(header)}
	_, err := members(body, func(name string, value []byte) ([]byte, error) {
		switch {
		case name != "embeddings":
			return skip(value)
		case !startsWith(value, '{'):
			return elements(value, answer.addVector)
		}
		return members(value, func(kind string, list []byte) ([]byte, error) {
			if kind != "float" {
				return skip(list)
			}
			return elements(list, answer.addVector)
		})
	})
	return answer, err
}

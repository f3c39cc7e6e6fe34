package model

// cohereV4 is Cohere Embed v4 (Bedrock user guide, Cohere Embed v4): up to 96
// texts a call, about 128,000 tokens each.
func cohereV4() *Family {
	return &Family{
		Name:         "cohere-v4",
		Title:        "Cohere Embed v4",
		IDs:          []string{"cohere.embed-v4:0"},
		TextsPerCall: 96,
		MaxTokens:    128_000,
		Dimensions:   []int{1536, 1024, 512, 256},
		Params: []Param{
			cohereInputType(),
			{Name: "truncate", Aliases: []string{"truncate_mode"}, Kind: Enum, Values: []string{"NONE", "START", "END"}, Default: "NONE",
				Doc: "Which end of a text that is too long is dropped. NONE refuses it."},
			{Name: "dimensions", Kind: Int, Values: []string{"1536", "1024", "512", "256"}, Default: "1536", Doc: "Length of each vector."},
		},
		ProfileOnly:         true,
		Geographies:         []string{"us", "eu", "global"},
		USDPerMillionTokens: 0.12,
		Codec:               cohere{version: 4},
	}
}

// v4Truncate is the family's own word for an end of a text.
func v4Truncate(end string) string {
	switch end {
	case "START":
		return "LEFT"
	case "END":
		return "RIGHT"
	}
	return end
}

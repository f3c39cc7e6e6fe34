package emulator

import (
	"slices"
	"strings"
	"time"
)

// model is a foundation model of the catalogue. Ids, names and modalities are
// those of Bedrock's model listings.
type model struct {
	id, name, provider string
	aliases            []string
	inputs             []string
	inference          []string // inferenceTypesSupported; INFERENCE_PROFILE is outside AWS's own enum
	geographies        []string // prefixes of its system-defined profiles
	answer             family   // nil: listed, but not to be called by this id

	outputs   []string  // nil: EMBEDDING
	streaming bool      // responseStreamingSupported
	regions   []string  // where it is offered; nil: everywhere
	endOfLife time.Time // of a LEGACY model; zero: ACTIVE
	agreement bool      // AWS Marketplace must have an agreement of the account
}

// offered says whether a Region has the model.
func (m *model) offered(region string) bool {
	return m.regions == nil || slices.Contains(m.regions, region)
}

const (
	onDemand    = "ON_DEMAND"
	provisioned = "PROVISIONED"
	byProfile   = "INFERENCE_PROFILE"
)

// catalogue is every foundation model, in the order of the listing. The two
// provisioned variants are listed by AWS too; nobody can call them on demand.
func catalogue() []model {
	text, media := []string{"TEXT"}, []string{"TEXT", "IMAGE"}
	return []model{
		{id: "amazon.titan-embed-text-v1", name: "Titan Embeddings G1 - Text", provider: "Amazon", aliases: []string{"amazon.titan-embed-g1-text-02"}, inputs: text, inference: []string{onDemand}, answer: titanV1},
		{id: "amazon.titan-embed-text-v1:2:8k", name: "Titan Embeddings G1 - Text", provider: "Amazon", inputs: text, inference: []string{provisioned}},
		{id: "amazon.titan-embed-text-v2:0", name: "Titan Text Embeddings V2", provider: "Amazon", inputs: text, inference: []string{onDemand}, answer: titanV2},
		{id: "amazon.titan-embed-text-v2:0:8k", name: "Titan Text Embeddings V2", provider: "Amazon", inputs: text},
		{id: "amazon.titan-embed-image-v1", name: "Titan Multimodal Embeddings G1", provider: "Amazon", inputs: media, inference: []string{onDemand}, answer: titanImage},
		{id: "amazon.nova-2-multimodal-embeddings-v1:0", name: "Amazon Nova Multimodal Embeddings", provider: "Amazon", inputs: []string{"TEXT", "IMAGE", "AUDIO", "VIDEO"}, inference: []string{onDemand}, answer: nova},
		{id: "cohere.embed-english-v3", name: "Embed English", provider: "Cohere", inputs: media, inference: []string{onDemand}, answer: cohereV3},
		{id: "cohere.embed-multilingual-v3", name: "Embed Multilingual", provider: "Cohere", inputs: media, inference: []string{onDemand}, answer: cohereV3},
		{id: "cohere.embed-v4:0", name: "Embed v4", provider: "Cohere", inputs: media, inference: []string{byProfile}, geographies: []string{"us", "eu", "global"}, answer: cohereV4},
	}
}

// shapedCatalogue is the catalogue as the options shape it.
func shapedCatalogue(onDemandToo bool) []model {
	list := catalogue()
	if onDemandToo {
		for i := range list {
			if len(list[i].geographies) > 0 {
				list[i].inference = []string{onDemand, byProfile}
			}
		}
	}
	return list
}

// findModel looks a model up by its id or an older alias.
func (e *Emulator) findModel(id string) *model {
	for i := range e.models {
		if m := &e.models[i]; m.id == id || slices.Contains(m.aliases, id) {
			return m
		}
	}
	return nil
}

// offeredModel is findModel for a Region.
func (e *Emulator) offeredModel(id, region string) *model {
	if m := e.findModel(id); m != nil && m.offered(region) {
		return m
	}
	return nil
}

// modelARN is a foundation model's ARN; its account is empty. For a global
// profile's destination the Region is empty too.
func modelARN(partition, region, id string) string {
	return arn{partition: partition, service: "bedrock", region: region, resource: "foundation-model/" + id}.String()
}

// destinations are the Regions that a geography's profile may send a call to.
// They are the emulator's choice; AWS states them per profile.
func destinations(geography string) []string {
	switch geography {
	case "us":
		return []string{"us-east-1", "us-east-2", "us-west-2"}
	case "eu":
		return []string{"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"}
	case "apac":
		return []string{"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2"}
	}
	return nil
}

// callableFrom says whether a geography's profiles exist in a Region.
func callableFrom(geography, region string) bool {
	switch {
	case partitionOf(region) != "aws":
		return false
	case geography == "apac":
		return strings.HasPrefix(region, "ap-")
	}
	return geography == "global" || strings.HasPrefix(region, geography+"-")
}

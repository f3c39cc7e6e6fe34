package openai

import (
	"net/http"

	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/gateway"
)

// modelObject is OpenAI's model object, and what Adit knows besides.
type modelObject struct {
	ID         string `json:"id"`
	Object     string `json:"object"`
	Created    int64  `json:"created"`
	OwnedBy    string `json:"owned_by"`
	BedrockID  string `json:"bedrock_id"`
	Family     string `json:"family"`
	Dimensions int    `json:"dimensions"`
}

func (a *API) object(i gateway.Info) modelObject {
	return modelObject{ID: i.Name, Object: "model", Created: a.started.Unix(), OwnedBy: "amazon-bedrock", BedrockID: i.ID, Family: i.Family, Dimensions: i.Dimensions}
}

// listModels is GET /v1/models.
func (a *API) listModels(w http.ResponseWriter, _ *http.Request, c caller.Caller) {
	list := struct {
		Object string        `json:"object"`
		Data   []modelObject `json:"data"`
	}{"list", []modelObject{}}
	for _, i := range a.Gateway.Models(c) {
		list.Data = append(list.Data, a.object(i))
	}
	writeJSON(w, http.StatusOK, list)
}

// showModel is GET /v1/models/{name}; a name may contain slashes.
func (a *API) showModel(w http.ResponseWriter, r *http.Request, c caller.Caller) {
	i, err := a.Gateway.Model(c, r.PathValue("name"))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, a.object(i))
}

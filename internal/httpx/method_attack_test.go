package httpx_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"hienke/internal/httpx"
)

// Each label value is a series that the metrics keep until the process ends.
func TestInventedMethodsAreOneMethodToTheMetrics(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	s := newSite(t, func(o *httpx.Options) {
		o.Observe = func(method, _ string, _ int, _ time.Duration) { seen[method]++ }
	})
	s.GET("/vi/x", ok)
	s.send(t, http.MethodPatch, "/vi/x", nil)
	const invented = 100
	for i := range invented {
		s.send(t, fmt.Sprintf("ZZ%d", i), "/vi/x", nil)
	}
	if len(seen) != 2 || seen["other"] != invented || seen[http.MethodPatch] != 1 {
		t.Errorf("the metrics saw %v", seen)
	}
}

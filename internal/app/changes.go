package app

import (
	"context"
	"sync"
)

// changes tells listeners which session or case may look different now. A slow listener misses some and blocks nobody.
type changes struct {
	mu        sync.Mutex
	listeners map[chan string]struct{}
}

const waitingChanges = 64

// listen gives a channel of identifiers until ctx ends; then the channel is closed.
func (c *changes) listen(ctx context.Context) <-chan string {
	listener := make(chan string, waitingChanges)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil {
		c.listeners = map[chan string]struct{}{}
	}
	c.listeners[listener] = struct{}{}
	context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.listeners, listener)
		close(listener)
	})
	return listener
}

func (c *changes) tell(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for listener := range c.listeners {
		select {
		case listener <- id:
		default:
		}
	}
}

"""What stands in for recurrent layers in the gradient probe: the same recurrences without gates, with sums for products.

Written step by step from the equations: a state takes all features of the input and of the state before; an LSTM's memory
is handed on feature by feature.
"""

from __future__ import annotations

from typing import Any

import torch

nn = torch.nn


def mixed(tensor: torch.Tensor, width: int) -> torch.Tensor:
    """Features that each read all features."""
    return tensor.sum(-1, keepdim=True).expand(*tensor.shape[:-1], width)


def stepped(x: torch.Tensor, h: torch.Tensor, c: torch.Tensor | None, hidden: int, projected: int) -> Any:
    """One step: the next state, and the next memory where there is one."""
    gate = mixed(x, hidden) + mixed(h, hidden)
    if c is None:
        return gate, None
    c = gate + c
    h = gate + c
    return (mixed(h, projected) if projected else h), c


def recurrence(layer: Any, tensor: torch.Tensor, hx: Any = None) -> Any:
    """RNN, LSTM or GRU."""
    batched = tensor.dim() == 3  # noqa: PLR2004 - steps, samples, features
    x = tensor if batched else tensor.unsqueeze(1)
    x = x.transpose(0, 1) if batched and layer.batch_first else x
    directions = 2 if layer.bidirectional else 1
    is_lstm = isinstance(layer, nn.LSTM)
    hidden, projected = layer.hidden_size, layer.proj_size
    count, samples = directions * layer.num_layers, x.shape[1]
    h0, c0 = hx if is_lstm and hx is not None else (hx, None)
    h0 = x.new_zeros(count, samples, projected or hidden) if h0 is None else h0 if batched else h0.unsqueeze(1)
    c0 = x.new_zeros(count, samples, hidden) if c0 is None else c0 if batched else c0.unsqueeze(1)
    last_h: list[Any] = []
    last_c: list[Any] = []
    for number in range(layer.num_layers):
        outputs = []
        for direction in range(directions):
            place = number * directions + direction
            h, c = h0[place], c0[place] if is_lstm else None
            steps = list(x) if direction == 0 else list(x)[::-1]
            made = []
            for step in steps:
                h, c = stepped(step, h, c, hidden, projected)
                made.append(h)
            outputs.append(torch.stack(made if direction == 0 else made[::-1]))
            last_h.append(h)
            last_c.append(c)
        x = torch.cat(outputs, -1)
    output = x.transpose(0, 1) if batched and layer.batch_first else x
    states = [torch.stack(last_h)] + ([torch.stack(last_c)] if is_lstm else [])
    if not batched:
        output, states = output.squeeze(1), [state.squeeze(1) for state in states]
    return (output, tuple(states)) if is_lstm else (output, states[0])


def cell(layer: Any, tensor: torch.Tensor, hx: Any = None) -> Any:
    """RNNCell, LSTMCell or GRUCell."""
    is_lstm = isinstance(layer, nn.LSTMCell)
    h, c = hx if is_lstm and hx is not None else (hx, None)
    zeros = tensor.new_zeros(*tensor.shape[:-1], layer.hidden_size)
    h, c = stepped(tensor, zeros if h is None else h, (zeros if c is None else c) if is_lstm else None, layer.hidden_size, 0)
    return (h, c) if is_lstm else h


RECURRENT = {nn.RNNBase: recurrence, nn.RNNCellBase: cell}

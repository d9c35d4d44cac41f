from random import Random

from hypothesis import given
from hypothesis import strategies as st

from approvalbot.policy.seats import largest_matching
from approvalbot.request.quorum import Bench, tally
from approvalbot.request.request import Person, Vote
from tests.request.makers import T0


def test_three_votes_over_three_groups_may_fill_only_two_seats() -> None:
    assert largest_matching([{"A", "B", "C"}, {"A"}, {"A"}]) == 2


def test_somebody_moves_to_their_other_group_so_that_another_can_sit() -> None:
    assert largest_matching([{"A", "B"}, {"A"}]) == 2
    assert largest_matching([{"A"}, {"A", "B"}]) == 2


seats = st.lists(st.sets(st.sampled_from("ABCDE")), max_size=6)


@given(seats, st.randoms(use_true_random=False))
def test_the_order_of_votes_never_matters(voters: list[set[str]], random: Random) -> None:
    shuffled = voters.copy()
    random.shuffle(shuffled)

    assert largest_matching(voters) == largest_matching(shuffled)


@given(seats)
def test_a_matching_equals_the_best_of_all_assignments(voters: list[set[str]]) -> None:
    def best(rest: list[set[str]], free: frozenset[str]) -> int:
        if not rest:
            return 0
        skip = best(rest[1:], free)
        return max([skip, *(1 + best(rest[1:], free - {seat}) for seat in rest[0] & free)])

    assert largest_matching(voters) == best(voters, frozenset("ABCDE"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["approve", "deny"])), max_size=8))
def test_a_person_counts_once_whatever_they_do(presses: list[tuple[str, str]]) -> None:
    votes = [Vote(by=Person(key=key, name=key), choice=choice, at=T0) for key, choice in presses]
    bench = Bench(quorum=9, deny_quorum=9, distinct=False, self_approval=False, step_up=False, opened=frozenset())

    counted = tally(votes, bench)

    assert counted.approvals + counted.denials == len({key for key, _ in presses})

"""What is true now, for commands that only look: `status` and `report`. Changes nothing."""

from exchange.errors import VenueError
from job.budget import OutOfTimeError
from job.firing import Firing, Job, each
from job.opening import begin, load_notes
from job.owning import stand_back
from job.reading import read_everything
from job.settling import newcomers_in_turn, settle
from job.telling import tell_symbols


def look(job: Job, command: str) -> Firing:
    """Notes and exchange reconciled in memory, in words; what could not be read is a failure."""
    firing = begin(job, command)
    load_notes(firing)
    try:
        read_everything(firing, with_candles=False)
        usable = [work for work in firing.works if work.usable]
        each(firing, newcomers_in_turn(usable), settle)
        stand_back(firing)
        firing.wallet_e8 = firing.gateway.wallet_e8()
    except VenueError as error:
        firing.report.failures.append(str(error))
    except OutOfTimeError:
        firing.report.failures.append("the exchange took too long to answer")
    tell_symbols(firing)
    return firing
